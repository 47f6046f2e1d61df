import { DevWallet } from '#testkit';
import { A_TXID, CertifierRig, colleague, makeRequest, operator } from './certifier-rig';

/** What is lost on the way between the gateway, its database and the operator's wallet is found again; and what happens at once happens once. */
let rig: CertifierRig;

beforeAll(async () => {
  rig = await CertifierRig.open();
}, 120_000);
afterAll(() => rig.close(), 60_000);

const SIGNATURE = `update on portcullis.certification for each row when (new.signature is not null and old.signature is null)`;
const SPEND = 'insert on portcullis.spent_outpoint for each row';

it('makes one certificate of a request that comes ten times at once, at two replicas', async () => {
  const replica = await rig.gateway.openReplica();
  try {
    const wallet = new DevWallet();
    const request = await makeRequest(wallet);
    const made = rig.purse.count('createAction');
    const urls = Array.from({ length: 10 }, (_, place) => (place % 2 === 0 ? rig.gateway.url : replica.url));
    const replies = await Promise.all(urls.map((url) => rig.sign(wallet, request, url)));
    const last = await rig.sign(wallet, request);
    expect([last.status, rig.purse.count('createAction')]).toEqual([200, made + 1]);
    for (const reply of replies) {
      if (reply.status === 200) expect(reply).toEqual(last);
      else expect(reply.code).toBe('certification-busy');
    }
  } finally {
    await replica.app.close();
  }
}, 60_000);

it('finds an outpoint again that was lost before or after it was in the ledger, and makes no second one', async () => {
  const wallet = new DevWallet();
  const made = rig.purse.count('createAction');
  rig.purse.loses = 'createAction';
  expect(await rig.sign(wallet, await makeRequest(wallet))).toMatchObject({ code: 'certifier-unavailable' });
  await rig.breakOnce('certification', SIGNATURE, async () => {
    expect(await rig.sign(wallet, await makeRequest(wallet))).toMatchObject({ status: 500 });
  });
  const [lost] = await rig.findOf(wallet.identityKey);
  expect(lost).toMatchObject({ state: 'approved', revocationOutpoint: expect.stringMatching(/\.\d+$/) as string });
  // A wallet asks with another nonce.
  const answered = await rig.sign(wallet, await makeRequest(wallet));
  expect(answered.json['certificate']).toMatchObject({ revocationOutpoint: lost?.['revocationOutpoint'] });
  expect(rig.purse.count('createAction')).toBe(made + 1);
}, 60_000);

it('spends an outpoint that no certificate came of', async () => {
  const wallet = new DevWallet();
  rig.purse.loses = 'createAction';
  await rig.sign(wallet, await makeRequest(wallet));
  const [lost] = await rig.findOf(wallet.identityKey);
  expect(lost).toMatchObject({ state: 'approved', revocationOutpoint: null });
  expect(await rig.decide(lost?.['id'], 'revoke')).toMatchObject({ status: 200, json: { revokedBy: A_TXID } });
}, 60_000);

it('revokes once, whoever orders it and however often', async () => {
  const wallet = new DevWallet();
  await rig.sign(wallet, await makeRequest(wallet));
  const [one] = await rig.findOf(wallet.identityKey);
  const id = one?.['id'];
  const signed = rig.purse.count('signAction');
  const replies = await Promise.all([operator, colleague, operator].map((key) => rig.decide(id, 'revoke', key)));
  const last = await rig.decide(id, 'revoke');
  expect(last).toMatchObject({ status: 200, json: { revokedBy: A_TXID } });
  for (const reply of replies) {
    if (reply.status === 200) expect(reply).toEqual(last);
    else expect(reply.code).toBe('certification-busy');
  }
  expect(rig.purse.count('signAction')).toBe(signed + 1);
  const acts = await rig.gateway.database.owner.query<unknown[]>(
    `select 1 from portcullis.audited_act where ref = $1 and kind = 'revoked'`,
    [id],
  );
  expect(acts).toHaveLength(1);
}, 60_000);

it('brings a spend that the wallet signed, and that did not reach its COMMIT, once more', async () => {
  const wallet = new DevWallet();
  await rig.sign(wallet, await makeRequest(wallet));
  const [one] = await rig.findOf(wallet.identityKey);
  const signed = rig.purse.count('signAction');
  await rig.breakOnce('spent_outpoint', SPEND, async () => {
    expect(await rig.decide(one?.['id'], 'revoke')).toMatchObject({ status: 500 });
  });
  expect(await rig.findOf(wallet.identityKey)).toMatchObject([{ state: 'issued', isRevoking: true, revokedBy: null }]);
  expect(await rig.decide(one?.['id'], 'revoke')).toMatchObject({ status: 200, json: { revokedBy: A_TXID } });
  expect(rig.purse.count('signAction')).toBe(signed + 1);
}, 60_000);

it('issues nothing while the wallet is away, and what was asked when it is back', async () => {
  const wallet = new DevWallet();
  const request = await makeRequest(wallet);
  rig.purse.isAway = true;
  expect(await rig.sign(wallet, request)).toMatchObject({ status: 503, code: 'certifier-unavailable' });
  rig.purse.isAway = false;
  expect(await rig.sign(wallet, request)).toMatchObject({ status: 200 });
  rig.purse.loses = 'signAction';
  const [one] = await rig.findOf(wallet.identityKey);
  expect(await rig.decide(one?.['id'], 'revoke')).toMatchObject({ status: 503, code: 'certifier-unavailable' });
  expect(await rig.decide(one?.['id'], 'revoke')).toMatchObject({ status: 200, json: { revokedBy: A_TXID } });
}, 60_000);
