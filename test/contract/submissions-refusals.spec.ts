import { randomBytes, randomUUID } from 'node:crypto';
import { Beef, Transaction } from '@bsv/sdk';
import { type Txid } from '#atomic-core';
import { fsck, retractTransition } from '#ledger';
import {
  act,
  createAnchor,
  issueDocument,
  lockDocument,
  signDocument,
  transferDocument,
  type DocumentContent,
  type DocumentToken,
} from '#testkit';
import { payByHand } from './pay-by-hand';
import { SubmissionsRig, type Answer, type Caller } from './submissions-rig';

const contentOf = (documentId: string): DocumentContent => ({
  kind: 'invoice',
  documentId,
  contentHash: randomBytes(32),
});
const octets = { 'content-type': 'application/octet-stream' };

/** Through unmodified AuthFetch, which writes octets as JSON text. */
const submitOctets = (caller: Caller, body: Uint8Array | number[]): Promise<Answer> =>
  caller.call('/v1/submissions', {
    method: 'POST',
    headers: { ...octets, 'x-bsv-topics': '["tm_documents"]' },
    body,
  });
const outcomeOf = ({ status, json: { code } }: Answer): [number, unknown] => [status, code];

describe('submissions that are refused, replayed or raced', () => {
  let rig: SubmissionsRig;
  let issuer: Caller;
  let stranger: Caller;
  let token: DocumentToken;
  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    issuer = await rig.openCaller();
    stranger = await rig.openCaller();
    token = await issueDocument(issuer.wallet, contentOf('INV-1'));
  }, 120_000);
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);

  it('refuses what the topic refuses, and baskets for what it did not admit', async () => {
    const payment = await createAnchor(issuer.wallet, 'x');
    expect(await rig.refused(() => issuer.submit(payment.beef))).toEqual([422, 'topic-refused']);
    expect(await rig.refused(() => issuer.submit(token.beef, { baskets: { 1: 'change' } }))).toEqual([
      422,
      'basket-output-unknown',
    ]);
    expect(await rig.refused(() => issuer.submit(token.beef, { baskets: { 0: 'default' } }))).toEqual([
      400,
      'basket-name-invalid',
    ]);
  });

  it('takes V1, V2 and Atomic, as octets and as JSON, in base64 and in hex', async () => {
    const forms = [
      (beef: Uint8Array): Promise<Answer> => issuer.submit(Transaction.fromAtomicBEEF(beef).toBEEFUint8Array()),
      (beef: Uint8Array): Promise<Answer> => issuer.submit(Beef.fromBinary([...beef]).toUint8Array()),
      (beef: Uint8Array): Promise<Answer> => issuer.submit(beef, { beef: Buffer.from(beef).toString('hex') }),
      (beef: Uint8Array): Promise<Answer> => submitOctets(issuer, beef),
      (beef: Uint8Array): Promise<Answer> => submitOctets(issuer, [...beef]),
    ];
    for (const [index, form] of forms.entries()) {
      const { beef } = await issueDocument(issuer.wallet, contentOf(`FORM-${index}`));
      expect([index, (await form(beef)).status]).toEqual([index, 201]);
    }
  }, 60_000);

  it('takes octets with the common headers from a caller that is not AuthFetch', async () => {
    const { beef, txid } = await issueDocument(issuer.wallet, contentOf('OCTETS-1'));
    const headers = { ...octets, 'x-topics': '["tm_documents"]', 'idempotency-key': '"octets-1"', prefer: 'wait=20' };
    const request = { method: 'POST', url: '/v1/submissions', headers, body: beef };
    const answer = await payByHand(rig.url, issuer.purse, request);
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
      201,
      { txid, payment: { satoshis: 200 } },
    ]);
    expect(answer.headers.get('preference-applied')).toBe('wait=20');
    expect(answer.headers.get('content-type')).toContain('application/json');
    const both = { ...request, headers: { ...headers, 'x-bsv-topics': '["tm_documents"]' } };
    expect((await payByHand(rig.url, issuer.purse, both)).code).toBe('header-duplicated');
    const other = { ...request, headers: { ...headers, 'x-topics': '["tm_documents" ]' } };
    expect((await payByHand(rig.url, issuer.purse, other)).code).toBe('idempotency-conflict');
  }, 60_000);

  it('holds an idempotency key to one request, and organisations apart', async () => {
    const key = { 'x-bsv-idempotency-key': randomUUID() };
    const [one, two] = [
      await issueDocument(issuer.wallet, contentOf('K-1')),
      await issueDocument(issuer.wallet, contentOf('K-2')),
    ];
    const first = await issuer.submit(one.beef, {}, key);
    expect(first.status).toBe(201);
    expect((await issuer.submit(one.beef, {}, key)).text).toBe(first.text);
    expect(await rig.refused(() => issuer.submit(two.beef, {}, key))).toEqual([422, 'idempotency-conflict']);
    const foreign = await issueDocument(stranger.wallet, contentOf('K-3'));
    const theirs = await stranger.submit(foreign.beef, {}, key);
    expect([theirs.status, theirs.json['txid']]).toEqual([201, foreign.txid]);
    expect(await rig.refused(() => issuer.submit(one.beef, {}, { 'x-bsv-idempotency-key': randomUUID() }))).toEqual([
      409,
      'already-applied',
    ]);
  }, 60_000);

  it('answers a double spend with the name of the winner', async () => {
    const contested = await issueDocument(issuer.wallet, contentOf('DS-1'));
    expect((await issuer.submit(contested.beef)).status).toBe(201);
    const one = await transferDocument(issuer.wallet, contested, stranger.wallet.identityKey);
    const two = await transferDocument(await rig.openTwin(issuer), contested, 'self');
    expect((await issuer.submit(one.beef)).json).toMatchObject({ txid: one.txid });
    const before = await rig.countAll();
    const loser = await issuer.submit(two.beef);
    expect(outcomeOf(loser)).toEqual([409, 'outpoint-spent']);
    expect(loser.json['detail']).toContain(one.txid);
    expect((await rig.countAll())['transition']).toBe(before['transition']);
  }, 60_000);

  it('tells who builds on what the network refused that its parent is retracted', async () => {
    const owner = await rig.openTwin(issuer);
    const parent = await issueDocument(owner, contentOf('GONE-1'));
    expect((await issuer.submit(parent.beef)).status).toBe(201);
    const child = await transferDocument(owner, parent, 'self');
    const grandchild = await transferDocument(owner, child, 'self');
    expect(await retractTransition(rig.database.dataSource, parent.txid as Txid, 'refused')).toEqual([parent.txid]);
    const again = { 'x-bsv-idempotency-key': randomUUID() };
    expect(await rig.refused(() => issuer.submit(parent.beef, {}, again))).toEqual([409, 'parent-retracted']);
    for (const { beef } of [child, grandchild]) {
      expect(await rig.refused(() => issuer.submit(beef))).toEqual([409, 'parent-retracted']);
      expect((await issuer.submit(beef)).json['detail']).toContain(parent.txid);
    }
  }, 60_000);

  it('lets exactly one of two racing spends of one document win', async () => {
    for (let round = 0; round < 5; round += 1) {
      const owner = await rig.openTwin(issuer);
      const contested = await issueDocument(owner, contentOf(`RACE-${round}`));
      await issuer.submit(contested.beef);
      const twin = await rig.openTwin(issuer);
      const rivals = [
        await transferDocument(twin, contested, 'self'),
        await transferDocument(owner, contested, stranger.wallet.identityKey),
      ];
      const answers = await Promise.all(
        rivals.map(({ beef }, index) => (index === 0 ? issuer : stranger).submit(beef)),
      );
      const outcomes = answers.map((answer) => answer.json['code'] ?? answer.status).sort();
      expect(outcomes).toEqual([201, 'outpoint-spent']);
    }
  }, 120_000);

  it('gives one receipt to a request that is sent twice at once', async () => {
    const { beef } = await issueDocument(issuer.wallet, contentOf('TWICE-1'));
    const before = await rig.count('transition');
    const [one, two] = await Promise.all([issuer.submit(beef), issuer.submit(beef)]);
    expect([outcomeOf(one), outcomeOf(two)]).toContainEqual([201, undefined]);
    const again = await issuer.submit(beef);
    for (const answer of [one, two]) if (answer.status === 201) expect(answer.text).toBe(again.text);
    expect(await rig.count('transition')).toBe(before + 1);
  }, 60_000);

  it('knows nothing of another organisation', async () => {
    const mine = await issueDocument(issuer.wallet, contentOf('MINE-1'));
    const { json: receipt } = await issuer.submit(mine.beef);
    for (const path of [
      String(receipt['id']),
      mine.txid,
      `${String(receipt['id'])}/beef`,
      randomUUID(),
      'ff'.repeat(32),
      '..%2f',
      '%00',
    ]) {
      expect([path, outcomeOf(await stranger.call(`/v1/submissions/${path}`))]).toEqual([
        path,
        [404, 'submission-unknown'],
      ]);
    }
    expect((await stranger.call('/v1/baskets/invoices/outputs')).json['outputs']).not.toContainEqual(
      expect.objectContaining({ outpoint: `${mine.txid}.0` }),
    );
  });

  const questions: [string, unknown, unknown, string][] = [
    ['an unknown service', 'ls_poems', {}, 'lookup-unknown'],
    ['a service that is no text', 7, {}, 'query-malformed'],
    ['a query without an id', 'ls_documents', {}, 'query-malformed'],
    ['an id that walks a path', 'ls_documents', { documentId: '../x' }, 'query-malformed'],
    ['a query that is null', 'ls_documents', null, 'query-malformed'],
  ];
  it.each(questions)('refuses to look up %s', async (_, service, query, code) => {
    expect((await stranger.lookup(query, service as string)).json['code']).toBe(code);
  });

  it('refuses basket names and pages that are none', async () => {
    for (const path of ['default/outputs', 'a%2Fb/outputs', '%E2%84%AA/outputs']) {
      expect([path, (await stranger.call(`/v1/baskets/${path}`)).json['code']]).toEqual([path, 'basket-name-invalid']);
    }
    for (const after of ['x', `${'a'.repeat(64)}.4294967296`, `${'a'.repeat(64)}.01`]) {
      expect((await stranger.call(`/v1/baskets/orders/outputs?after=${after}`)).json['code']).toBe('query-malformed');
    }
  });

  it('refuses a stolen document: the issuer signed for another transaction', async () => {
    const script = await lockDocument(stranger.wallet, token.fields, 'self');
    const anchor = await createAnchor(stranger.wallet, 'x');
    const copy = await act(stranger.wallet, { description: 'copy it', spend: anchor, outputs: [script] });
    expect(outcomeOf(await stranger.submit(copy.beef))).toEqual([422, 'topic-refused']);
    const own = await signDocument(stranger.wallet, contentOf('OWN-1'), anchor);
    expect(own).toHaveLength(5);
  });
});
