import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { fsck } from '#ledger';
import { issueDocument } from '#testkit';
import { itemOf, outcomesOf, sendBatch } from './batches-rig';
import { type Answer, type Caller, SubmissionsRig } from './submissions-rig';

/** An issued document: the anchor that it spends comes along, one output is admitted, and two inputs at least are run. */
const METER = { base: 10, perKilobyte: 1, perTransaction: 3, perOutput: 50, ceiling: 400 };

let rig: SubmissionsRig;
let caller: Caller;
let number = 0;

beforeAll(async () => {
  const routes = [{ method: 'POST', path: '/v1/submissions', price: { meter: METER } }];
  rig = await SubmissionsRig.open({ prices: [], plans: { metered: { customers: ['*'], routes } } });
  caller = await rig.openCaller();
}, 90_000);
afterAll(async () => {
  const broken = (await fsck(rig.app.get(DataSource))).filter(({ ok }) => !ok);
  await rig.close();
  expect(broken).toEqual([]);
});

const submit = async (headers: Record<string, string> = {}, token = issue()): Promise<Answer> =>
  caller.submit((await token).beef, {}, headers);
const issue = () =>
  issueDocument(caller.wallet, {
    kind: 'invoice',
    documentId: `INV-${String((number += 1))}`,
    contentHash: randomBytes(32),
  });
const readAccount = async (): Promise<Record<string, unknown>> => {
  const identity = await caller.call('/v1/identity');
  return (await caller.call(`/v1/accounts/${String(identity.json['identityKey'])}`)).json;
};

describe('a metered submission', () => {
  it('is told its ceiling, charged what it turned out to be, and the rest is kept', async () => {
    const { status, json } = await submit();
    expect([status, json['payment'], json['draw']]).toEqual([
      201,
      { satoshis: METER.ceiling, outpoint: expect.any(String) },
      undefined,
    ]);
    const { balance, plan } = await readAccount();
    const charged = METER.ceiling - Number(balance);
    expect(charged).toBeGreaterThanOrEqual(METER.base + METER.perOutput + METER.perTransaction);
    expect(charged).toBeLessThan(METER.ceiling / 2);
    expect(plan).toMatch(/^metered@[0-9a-f]{12}$/u);
  });

  it('is drawn for by what it turned out to be, once for one request, and not where nothing was committed', async () => {
    const body = JSON.stringify({ satoshis: 1_000 });
    const headers = { 'content-type': 'application/json' };
    expect((await caller.call('/v1/accounts/top-ups', { method: 'POST', headers, body })).status).toBe(201);
    const before = Number((await readAccount())['balance']);
    const token = await issue();
    const key = { 'x-bsv-idempotency-key': 'a-draw' };
    const [first, again] = [await submit(key, Promise.resolve(token)), await submit(key, Promise.resolve(token))];
    expect([first.status, first.json['payment'], again.text]).toEqual([201, null, first.text]);
    const { satoshis } = first.json['draw'] as { satoshis: number };
    const after = Number((await readAccount())['balance']);
    expect([before - after, satoshis > METER.base, satoshis < METER.ceiling / 2]).toEqual([satoshis, true, true]);
    // Another request for what is applied already commits nothing.
    const refused = await submit({ 'x-bsv-idempotency-key': 'another' }, Promise.resolve(token));
    expect(refused.json['code']).toBe('already-applied');
    expect((await readAccount())['balance']).toBe(after);
  });

  it('costs as much a line in a batch', async () => {
    const tokens = [await issue(), await issue()];
    const batch = await sendBatch(
      caller,
      tokens.map(({ beef }) => itemOf(beef)),
    );
    expect([outcomesOf(batch), batch.headers.get('x-bsv-payment-satoshis-paid')]).toEqual([
      [201, 201],
      String(2 * METER.ceiling),
    ]);
  });
});
