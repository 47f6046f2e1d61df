import { GatewayClient, GatewayProblem, PaymentTooLarge } from '#client';
import { fsck } from '#ledger';
import { interceptStatements, type DocumentToken } from '#testkit';
import { issueMany, itemOf, outcomesOf, sendBatch } from './batches-rig';
import { SubmissionsRig, type Caller } from './submissions-rig';

/** Of one line; the list of the rig names the single route alone. */
const PRICE = 200;

describe('a batch that has a price', () => {
  jest.setTimeout(120_000);
  let rig: SubmissionsRig;
  let caller: Caller;
  let tokens: DocumentToken[];
  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    caller = await rig.openCaller();
    tokens = await issueMany(caller, 30);
  });
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  });
  const take = (count: number): DocumentToken[] => tokens.splice(0, count);
  const countPayments = async (act: () => Promise<unknown>): Promise<number> => {
    const createAction = jest.spyOn(caller.purse, 'createAction');
    try {
      await act();
      return createAction.mock.calls.length;
    } finally {
      createAction.mockRestore();
    }
  };
  const claims = (): Promise<{ satoshis: number }[]> =>
    rig.database.owner.query('select satoshis::int from portcullis.payment_claim order by leaf_index');

  it('costs the price of the single route for each line, once', async () => {
    const items = take(3).map(({ beef }) => itemOf(beef));
    const sent = [...items, '{"bad":'];
    const answer = await sendBatch(caller, sent);
    expect(outcomesOf(answer)).toEqual([201, 201, 201, 'request-malformed']);
    expect(answer.headers.get('x-bsv-payment-satoshis-paid')).toBe(String(4 * PRICE));
    expect(await claims()).toEqual([{ satoshis: 4 * PRICE }]);
    const paid = await countPayments(async () => {
      expect(outcomesOf(await sendBatch(caller, sent))).toEqual([201, 201, 201, 'request-malformed']);
    });
    expect([paid, await rig.count('payment_claim')]).toEqual([0, 1]);
  });

  it('is never charged again, however long ago its terms ended', async () => {
    const items = take(2).map(({ beef }) => itemOf(beef));
    await sendBatch(caller, items);
    await rig.database.owner.query(`update portcullis.payment_quote set expires_at = now() - interval '1 day'`);
    expect(await countPayments(() => sendBatch(caller, items))).toBe(0);
  });

  it('is another request for another identity, and with another line', async () => {
    const stranger = await rig.openCaller();
    const items = take(2).map(({ beef }) => itemOf(beef));
    const before = await rig.count('payment_claim');
    await sendBatch(caller, items);
    expect(outcomesOf(await sendBatch(stranger, items))).toEqual(['already-applied', 'already-applied']);
    await sendBatch(caller, items.slice(1));
    expect(await rig.count('payment_claim')).toBe(before + 3);
  });

  it('is asked for nothing that is refused as a whole', async () => {
    const empty = await caller.call('/v1/submissions/batch', {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: '\n\n',
    });
    expect([empty.status, empty.json['code']]).toEqual([400, 'request-malformed']);
    const other = await caller.call('/v1/submissions/batch', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect([other.status, other.json['code']]).toEqual([415, 'media-type-unsupported']);
  });

  describe('through the client', () => {
    const submitting = ({ beef }: DocumentToken) => ({ beef, topics: ['tm_documents'] });

    it('pays once, and tells the verdict of each', async () => {
      const client = new GatewayClient({ baseUrl: rig.url, wallet: caller.purse });
      const [first, second] = take(2) as [DocumentToken, DocumentToken];
      const paid = await countPayments(async () => {
        const answer = await client.submitBatch([
          { ...submitting(first), idempotencyKey: 'client-1', baskets: { 0: 'mine' } },
          { ...submitting(second), baskets: { 7: 'none' } },
        ]);
        expect(answer).toMatchObject({ applied: 1, replayed: 0, refused: 1 });
        expect(answer.items[0]?.receipt?.txid).toBe(first.txid);
        expect(answer.items[1]?.problem).toMatchObject({ code: 'basket-output-unknown', next: 'fix' });
      });
      expect(paid).toBe(1);
      // The same submission singly is answered from the batch.
      const single = await client.submit({ ...submitting(first), idempotencyKey: 'client-1', baskets: { 0: 'mine' } });
      expect(single.txid).toBe(first.txid);
    });

    it('pays no more than it may, and throws what is refused as a whole', async () => {
      const items = take(2).map(submitting);
      const poor = new GatewayClient({ baseUrl: rig.url, wallet: caller.purse, satoshisMaxPerCall: 2 * PRICE - 1 });
      await expect(poor.submitBatch(items)).rejects.toBeInstanceOf(PaymentTooLarge);
      const client = new GatewayClient({ baseUrl: rig.url, wallet: caller.purse });
      await expect(client.submitBatch([])).rejects.toBeInstanceOf(GatewayProblem);
    });

    it('sends the whole again while an item could not be judged, and pays no second time', async () => {
      const items = take(3).map(submitting);
      const client = new GatewayClient({ baseUrl: rig.url, wallet: caller.purse });
      // The group runs out of its time, and so does its first item alone.
      let failures = 2;
      const end = interceptStatements((text, ask) => {
        if (!text.includes('commit_transition') || failures === 0) return ask();
        failures -= 1;
        return Promise.reject(
          Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' }),
        );
      });
      const paid = await countPayments(async () => {
        expect(await client.submitBatch(items)).toMatchObject({ applied: 3, refused: 0 });
      });
      end();
      expect(failures).toBe(0);
      expect(paid).toBe(1);
    });
  });
});
