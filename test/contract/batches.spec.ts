import { fsck } from '#ledger';
import { transferDocument, type DocumentToken } from '#testkit';
import { issueMany, itemOf, itemsOf, outcomesOf, sendBatch, sendLines, writeLines } from './batches-rig';
import { SubmissionsRig, type Caller } from './submissions-rig';

const MANY = 200;

describe('a batch of submissions, sent through unmodified AuthFetch', () => {
  jest.setTimeout(120_000);
  let rig: SubmissionsRig;
  let caller: Caller;
  let other: Caller;
  let tokens: DocumentToken[];
  beforeAll(async () => {
    // Free, so that what is counted is the submissions; what a batch costs is asked in batches-paid.spec.ts.
    rig = await SubmissionsRig.open({ prices: [] });
    caller = await rig.openCaller();
    other = await rig.openCaller();
    tokens = await issueMany(caller, MANY);
  });
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  });
  /** Documents that no test has used yet. */
  const take = (count: number): DocumentToken[] => tokens.splice(0, count);

  it('applies many in their order, and answers the same batch with the same receipts', async () => {
    const used = take(120);
    const items = used.map(({ beef }) => itemOf(beef));
    const answer = await sendBatch(caller, items);
    expect([answer.status, answer.json['applied'], answer.json['refused']]).toEqual([200, 120, 0]);
    expect(itemsOf(answer).map(({ index, receipt }) => [index, receipt?.txid])).toEqual(
      used.map(({ txid }, index) => [index, txid]),
    );
    const leaves = itemsOf(answer).map(({ receipt }) => receipt?.auditLeaf ?? -1);
    expect(leaves).toEqual(leaves.map((_, place) => (leaves[0] ?? 0) + place));
    const counts = await rig.countAll();
    const again = await sendBatch(caller, items);
    expect([again.json['applied'], again.json['replayed']]).toEqual([0, 120]);
    expect(again.json['items']).toEqual(answer.json['items']);
    expect(await rig.countAll()).toMatchObject({ transition: counts['transition'], audit_leaf: counts['audit_leaf'] });
    const found = await caller.call(`/v1/submissions/${used[77]?.txid ?? ''}`);
    expect(found.json).toMatchObject({ id: itemsOf(answer)[77]?.receipt?.id, topics: ['tm_documents'] });
  });

  it('gives each item its own verdict: what is bad harms no neighbour', async () => {
    const [first, second, third, last] = take(4) as [DocumentToken, DocumentToken, DocumentToken, DocumentToken];
    const answer = await sendBatch(caller, [
      itemOf(first.beef),
      '{"beef":',
      itemOf(second.beef, { topics: ['tm_elsewhere'] }),
      itemOf(second.beef.subarray(0, -5)),
      itemOf(second.beef, { baskets: { 7: 'none' } }),
      '[]',
      itemOf(second.beef, { surprise: true }),
      itemOf(second.beef, { idempotencyKey: 7 }),
      itemOf(third.beef, { idempotencyKey: 'white space' }),
      itemOf(new Uint8Array(8)),
      itemOf(last.beef),
    ]);
    expect(outcomesOf(answer)).toEqual([
      201,
      'request-malformed',
      'topic-unknown',
      'beef-truncated',
      'basket-output-unknown',
      'request-malformed',
      'request-malformed',
      'idempotency-key-malformed',
      'idempotency-key-malformed',
      'beef-malformed',
      201,
    ]);
    const { status, problem } = itemsOf(answer)[4] ?? {};
    expect([status, problem]).toEqual([
      422,
      expect.objectContaining({ status: 422, next: 'fix', requestId: expect.any(String) as string }),
    ]);
    // What was refused left nothing behind: it is applied when it is sent as it should be.
    expect(outcomesOf(await sendBatch(caller, [itemOf(second.beef), itemOf(third.beef)]))).toEqual([201, 201]);
  });

  it('takes CRLF, blank lines and a last line without its end', async () => {
    const [first, second] = take(2) as [DocumentToken, DocumentToken];
    const body = `\r\n${writeLines([itemOf(first.beef)], '\r\n')}\n\r\n${JSON.stringify(itemOf(second.beef))}`;
    expect(outcomesOf(await sendLines(caller, body))).toEqual([201, 201]);
  });

  it('answers one request twice in a batch as one, and another request under its key as a conflict', async () => {
    const [first, second] = take(2) as [DocumentToken, DocumentToken];
    const named = itemOf(first.beef, { idempotencyKey: 'twice' });
    const answer = await sendBatch(caller, [named, named, itemOf(second.beef, { idempotencyKey: 'twice' }), named]);
    expect(outcomesOf(answer)).toEqual([201, 201, 'idempotency-conflict', 201]);
    expect(answer.json).toMatchObject({ applied: 1, replayed: 2, refused: 1 });
    expect(itemsOf(answer)[1]?.receipt).toEqual(itemsOf(answer)[0]?.receipt);
    // A key whose first holder is refused is free for the second.
    const freed = await sendBatch(caller, [
      itemOf(second.beef, { idempotencyKey: 'freed', baskets: { 7: 'none' } }),
      itemOf(second.beef, { idempotencyKey: 'freed' }),
    ]);
    expect(outcomesOf(freed)).toEqual(['basket-output-unknown', 201]);
  });

  it('applies one transaction once, whatever it is called', async () => {
    const [token] = take(1) as [DocumentToken];
    const answer = await sendBatch(caller, [
      itemOf(token.beef, { idempotencyKey: 'one' }),
      itemOf(token.beef, { idempotencyKey: 'two' }),
    ]);
    expect(outcomesOf(answer)).toEqual([201, 'already-applied']);
  });

  it('replays what was submitted singly, and singly what was in a batch', async () => {
    const [first, second] = take(2) as [DocumentToken, DocumentToken];
    const single = await caller.submit(first.beef, {}, { 'x-bsv-idempotency-key': 'either' });
    expect(single.status).toBe(201);
    const answer = await sendBatch(caller, [itemOf(first.beef, { idempotencyKey: 'either' }), itemOf(second.beef)]);
    expect(answer.json).toMatchObject({ applied: 1, replayed: 1 });
    expect(itemsOf(answer)[0]?.receipt).toEqual(single.json);
    const after = await caller.submit(second.beef);
    expect([after.status, after.json]).toEqual([201, itemsOf(answer)[1]?.receipt]);
  });

  it.each(['before', 'behind'])('plans a child after its parent when it stands %s it', async (place) => {
    const [issued] = take(1) as [DocumentToken];
    const first = await transferDocument(caller.wallet, issued, other.wallet.identityKey);
    const second = await transferDocument(other.wallet, first, caller.wallet.identityKey);
    const family = [issued, first, second].map(({ beef }) => itemOf(beef));
    const answer = await sendBatch(caller, place === 'behind' ? family : family.reverse());
    expect(outcomesOf(answer)).toEqual([201, 201, 201]);
    const steaks = itemsOf(answer).map(({ receipt }) => receipt as unknown as { admittance: unknown });
    const removing = { tm_documents: { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [0] } };
    expect(steaks[1]?.admittance).toEqual(removing);
    expect(steaks[place === 'behind' ? 2 : 0]?.admittance).toEqual(removing);
  });

  it('lets one of two items have a coin, and tells the other which', async () => {
    const [issued] = take(1) as [DocumentToken];
    const twin = await rig.openTwin(caller);
    twin.learn(issued.beef);
    const one = await transferDocument(caller.wallet, issued, other.wallet.identityKey);
    const two = await transferDocument(twin, issued, other.wallet.identityKey);
    const answer = await sendBatch(caller, [itemOf(two.beef), itemOf(one.beef), itemOf(issued.beef)]);
    expect(outcomesOf(answer)).toEqual([201, 'outpoint-spent', 201]);
    expect(itemsOf(answer)[1]?.problem?.detail).toContain(two.txid);
  });

  it('goes to the network like any other', async () => {
    const [token] = take(1) as [DocumentToken];
    const answer = await sendBatch(caller, [itemOf(token.beef)]);
    const messages = await rig.database.owner.query<unknown[]>(
      `select 1 from portcullis.outbox where dedupe_key = $1 and transition_id = $2`,
      [`broadcast:${token.txid}`, itemsOf(answer)[0]?.receipt?.id],
    );
    expect(messages).toHaveLength(1);
  });
});
