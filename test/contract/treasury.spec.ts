import { randomBytes } from 'node:crypto';
import { Beef, KeyDeriver, P2PKH, PrivateKey, ProtoWallet, PublicKey, Transaction } from '@bsv/sdk';
import { DataSource } from 'typeorm';
import { fsck } from '#ledger';
import { fundWalletFromDevnet, issueDocument } from '#testkit';
import { type Answer, Caller, SubmissionsRig } from './submissions-rig';

const [SUBMISSION, LOOKUP] = [2_000, 400];
const gatewayKey = PrivateKey.fromRandom();
const operatorKey = PrivateKey.fromRandom();
const clerkKey = PrivateKey.fromRandom();

let rig: SubmissionsRig;
let operator: Caller;
let clerk: Caller;
let customer: Caller;

beforeAll(async () => {
  const member = (key: PrivateKey, role: string) => ({ identityKey: key.toPublicKey().toString(), roles: [role] });
  rig = await SubmissionsRig.open({
    identityKey: gatewayKey.toHex().padStart(64, '0'),
    organisations: { house: [member(operatorKey, 'operator'), member(clerkKey, 'submitter')] },
    prices: [
      { method: 'POST', path: '/v1/submissions', satoshis: SUBMISSION },
      { method: 'POST', path: '/v1/lookup', satoshis: LOOKUP },
    ],
  });
  operator = new Caller(rig.url, operatorKey);
  clerk = new Caller(rig.url, clerkKey);
  await fundWalletFromDevnet(operator.purse, rig.devnet.url, 100_000);
  customer = await rig.openCaller();
}, 120_000);
afterAll(async () => {
  const broken = (await fsck(rig.app.get(DataSource))).filter(({ ok }) => !ok);
  await rig.close();
  expect(broken).toEqual([]);
}, 60_000);

interface Kept {
  readonly outpoint: string;
  readonly satoshis: number;
  readonly lockingScript: string;
  readonly customInstructions: string;
}
type Sums = Record<string, { readonly payments: number; readonly satoshis: number }>;

const post = (caller: Caller, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  caller.call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const issue = async (): Promise<void> => {
  const documentId = `INV-${randomBytes(4).toString('hex')}`;
  const token = await issueDocument(customer.wallet, { kind: 'invoice', documentId, contentHash: randomBytes(32) });
  expect((await customer.submit(token.beef)).status).toBe(201);
};
/** Satoshis by state, without those that are none. */
const readBooks = async (): Promise<Record<string, number>> => {
  const { accounts: _accounts, organisation, basket, ...sums } = (await operator.call('/v1/treasury')).json;
  expect([organisation, basket]).toEqual(['house', 'treasury']);
  return Object.fromEntries(
    Object.entries(sums as Sums).flatMap(([state, { satoshis }]) => (satoshis === 0 ? [] : [[state, satoshis]])),
  );
};

describe('what was paid', () => {
  it('is kept, and a stock wallet with the key of the gateway spends it by its instructions', async () => {
    await issue();
    expect((await customer.lookup({ documentId: 'none' })).status).toBe(200);
    expect(await readBooks()).toEqual({ claimed: SUBMISSION + LOOKUP, held: SUBMISSION + LOOKUP });

    const held = await post(operator, '/v1/baskets/reservations', { basket: 'treasury', outputs: 1 });
    const { id, outputs, inputBEEF } = held.json as { id: string; outputs: [Kept]; inputBEEF: string };
    const [{ outpoint, satoshis, customInstructions }] = outputs;
    const said = JSON.parse(customInstructions) as Record<
      'derivationPrefix' | 'derivationSuffix' | 'counterparty',
      string
    > & {
      protocolID: [2, string];
      keyID: string;
      senderIdentityKey: string;
    };
    expect([satoshis, said.senderIdentityKey]).toEqual([SUBMISSION, customer.purse.identityKey]);
    expect(said.keyID).toBe(`${said.derivationPrefix} ${said.derivationSuffix}`);
    const [txid = '', vout = ''] = outpoint.split('.');
    const coin = Beef.fromBinary([...Buffer.from(inputBEEF, 'base64')]).findAtomicTransaction(txid);
    if (coin === undefined) throw new Error('The coin is not in its BEEF.');
    const key = new KeyDeriver(gatewayKey).derivePrivateKey(said.protocolID, said.keyID, said.counterparty);
    const spend = new Transaction();
    spend.addInput({
      ...{ sourceTransaction: coin, sourceOutputIndex: Number(vout), unlockingScriptTemplate: new P2PKH().unlock(key) },
    });
    spend.addOutput({
      ...{ satoshis: SUBMISSION - 50, lockingScript: new P2PKH().lock(PrivateKey.fromRandom().toAddress()) },
    });
    await spend.sign();
    const beef = Uint8Array.from(spend.toAtomicBEEF());
    const submitted = await operator.submit(beef, { reservation: id, topics: undefined });
    expect([submitted.status, submitted.json['baskets']]).toMatchObject([
      ...[201, { removed: [{ basket: 'treasury', outpoint }] }],
    ]);
    // The development network, which judges by the SDK alone, has it in a block.
    await rig.mineUntilProven();
    expect(await readBooks()).toEqual({
      ...{ claimed: 2 * SUBMISSION + LOOKUP, held: SUBMISSION + LOOKUP, spent: SUBMISSION },
    });
  });

  it('is swept to an address, once under one key, and the network takes it', async () => {
    const address = PrivateKey.fromRandom().toAddress();
    const key = { 'x-bsv-idempotency-key': 'sweep-1' };
    const first = await post(operator, '/v1/treasury/sweeps', { to: { address } }, key);
    expect([first.status, first.json]).toMatchObject([201, { outputs: 2, outputIndex: 0, to: { address } }]);
    const { txid, satoshis, fee, beef } = first.json as Record<'satoshis' | 'fee', number> &
      Record<'txid' | 'beef', string>;
    expect(satoshis + fee).toBe(SUBMISSION + LOOKUP);
    const swept = Transaction.fromAtomicBEEF([...Buffer.from(beef, 'base64')]);
    expect([swept.id('hex'), swept.outputs[0]?.lockingScript.toHex()]).toEqual([
      txid,
      new P2PKH().lock(address).toHex(),
    ]);
    const { beef: _beef, ...told } = (await post(operator, '/v1/treasury/sweeps', { to: { address } }, key)).json;
    expect(first.json).toMatchObject(told);
    const other = await post(operator, '/v1/treasury/sweeps', { to: { address }, outputsMax: 1 }, key);
    expect(other.json['code']).toBe('idempotency-conflict');
    const empty = await post(operator, '/v1/treasury/sweeps', { to: { address } });
    expect([empty.status, empty.json['code']]).toEqual([409, 'treasury-insufficient']);
    await rig.mineUntilProven();
    expect(await readBooks()).toMatchObject({ swept: SUBMISSION + LOOKUP, spent: SUBMISSION });
  });

  it('is swept to a wallet, which finds its key by what the answer says', async () => {
    await issue();
    await issue();
    const wallet = PrivateKey.fromRandom();
    const identityKey = wallet.toPublicKey().toString();
    const part = await post(operator, '/v1/treasury/sweeps', { to: { identityKey }, satoshis: SUBMISSION });
    const { to, beef, outputs } = part.json as {
      to: Record<'derivationPrefix' | 'derivationSuffix' | 'senderIdentityKey', string>;
      beef: string;
      outputs: number;
    };
    expect([part.status, outputs]).toEqual([201, 1]);
    const { publicKey } = await new ProtoWallet(wallet).getPublicKey({
      ...{ protocolID: [2, '3241645161d8'], keyID: `${to.derivationPrefix} ${to.derivationSuffix}`, forSelf: true },
      counterparty: to.senderIdentityKey,
    });
    const swept = Transaction.fromAtomicBEEF([...Buffer.from(beef, 'base64')]);
    const lock = new P2PKH().lock(PublicKey.fromString(publicKey).toAddress()).toHex();
    expect([to.senderIdentityKey, swept.outputs[0]?.lockingScript.toHex()]).toEqual([
      ...[gatewayKey.toPublicKey().toString(), lock],
    ]);
    expect((await readBooks())['held']).toBe(SUBMISSION);
  });

  it('is passed over where it only looks like a payment, and held back by no sweep that is not made', async () => {
    const to = { address: PrivateKey.fromRandom().toAddress() };
    const spell = (from: string, into: string): Promise<unknown> =>
      rig.database.owner.query(
        `update portcullis.basket_output set custom_instructions = replace(custom_instructions, $1, $2) where basket = 'treasury' and removed_by is null`,
        [from, into],
      );
    await spell('BRC29', 'BRC-29');
    const foreign = await post(operator, '/v1/treasury/sweeps', { to });
    expect([foreign.status, foreign.json['code']]).toEqual([409, 'treasury-insufficient']);
    await spell('BRC-29', 'BRC29');
    expect((await post(operator, '/v1/treasury/sweeps', { to })).json).toMatchObject({ outputs: 1 });
    // The fee of this one is more than it would bring.
    expect((await customer.lookup({ documentId: 'none' })).status).toBe(200);
    const dear = await post(operator, '/v1/treasury/sweeps', { to, satoshisPerKilobyte: 10_000 });
    expect([dear.status, dear.json['code']]).toEqual([409, 'treasury-insufficient']);
    expect((await post(operator, '/v1/treasury/sweeps', { to })).json).toMatchObject({ outputs: 1 });
    const { claimed = 0, swept = 0, spent } = await readBooks();
    expect([claimed - swept, spent]).toEqual([SUBMISSION, SUBMISSION]);
  });
});

describe('the treasury', () => {
  it('is for operators, by a key', async () => {
    const to = { address: PrivateKey.fromRandom().toAddress() };
    for (const caller of [customer, clerk])
      for (const answer of [
        await caller.call('/v1/treasury'),
        await post(caller, '/v1/treasury/sweeps', { to }),
        await caller.call('/v1/payments?whose=all'),
      ])
        expect([answer.status, answer.json['code']]).toEqual([403, 'treasury-forbidden']);
  });

  it.each<[unknown]>([
    [{}],
    [{ to: { address: 'nowhere' } }],
    [{ to: { identityKey: `02${'f'.repeat(64)}` } }],
    [{ to: { address: PrivateKey.fromRandom().toAddress(), identityKey: operatorKey.toPublicKey().toString() } }],
    [{ to: { address: PrivateKey.fromRandom().toAddress() }, outputsMax: 1_001 }],
  ])('refuses to sweep %j', async (body) => {
    const answer = await post(operator, '/v1/treasury/sweeps', body);
    expect([answer.status, answer.json['code']]).toEqual([400, 'request-malformed']);
  });

  it('lists payments to who paid and to who runs the gateway, page by page', async () => {
    const list = async (caller: Caller, query: string) =>
      (await caller.call(`/v1/payments${query}`)).json as { payments: Record<string, unknown>[]; next: number | null };
    const own = await list(customer, '');
    expect(own.payments.map(({ path, price }) => [path, price])).toEqual([
      ['/v1/lookup', LOOKUP],
      ['/v1/submissions', SUBMISSION],
      ['/v1/submissions', SUBMISSION],
      ['/v1/lookup', LOOKUP],
      ['/v1/submissions', SUBMISSION],
    ]);
    const all = await list(operator, '?whose=all');
    expect([all.payments.length, all.next]).toEqual([own.payments.length + 1, null]);
    const first = await list(operator, '?whose=all&limit=2');
    const next = await list(operator, `?whose=all&limit=10&before=${first.next}`);
    expect([...first.payments, ...next.payments]).toEqual(all.payments);
    expect((await list(operator, '')).payments).toEqual(all.payments.filter((one) => one['organisation'] === 'house'));
    expect((await customer.call('/v1/payments?limit=0')).json['code']).toBe('query-malformed');
  });
});
