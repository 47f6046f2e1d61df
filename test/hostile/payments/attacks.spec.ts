import { Beef, LockingScript, P2PKH, type PrivateKey, Transaction } from '@bsv/sdk';
import { DevWallet, fundWalletOffChain } from '#testkit';
import { OverlayRig, issueInvoice } from '../../contract/overlay-rig';
import { type RawAnswer, type RawRequest, sendHttp } from '../../contract/raw-caller';
import { type Client, type Dialect, type Payment, type Remittance, type Terms } from '../../contract/payment-dialects';
import { at, dialects, lockTo, openClient, readTerms, remit } from '../../contract/payment-dialects';

const CHEAP = 200;
const DEAR = 500;

const askFor = (documentId: string): RawRequest => ({
  method: 'POST',
  url: '/lookup',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ service: 'ls_documents', query: { documentId } }),
});

interface Coin {
  readonly source: Transaction;
  readonly key: PrivateKey;
}

let rig: OverlayRig;
let funded: DevWallet;
let client: Client;

beforeAll(async () => {
  rig = await OverlayRig.open({
    overlayOpen: [],
    overlayPaid: ['*'],
    overlayRequestsPerMinute: 1_000_000,
    prices: [
      { method: 'POST', path: '/lookup', satoshis: CHEAP },
      { method: 'POST', path: '/submit', satoshis: DEAR },
    ],
  });
  ({ wallet: funded } = await rig.gateway.openCaller(10_000_000));
}, 120_000);
afterAll(() => rig.close(), 60_000);
beforeEach(async () => {
  client = await openClient(rig.url, new DevWallet());
});

const countClaims = (): Promise<number> => rig.gateway.count('payment_claim');

/** A coin of its own for each payment, so that no two of them rest on each other. */
const mint = async (satoshis = 2_000): Promise<Coin> => {
  const owner = new DevWallet();
  const lockingScript = owner.coinLockingScript.toHex();
  const { tx = [] } = await funded.createAction({
    description: 'a coin',
    outputs: [{ satoshis, lockingScript, outputDescription: 'the coin' }],
  });
  return { source: Transaction.fromAtomicBEEF([...tx]), key: owner.coinKey };
};

interface Spend {
  readonly outputs: readonly { readonly satoshis: number; readonly lockingScript: string }[];
  readonly lockTime?: number;
  readonly sequence?: number;
}

const spend = async (
  { source, key }: Coin,
  { outputs, lockTime = 0, sequence = 0xffffffff }: Spend,
): Promise<Transaction> => {
  const unlockingScriptTemplate = new P2PKH().unlock(key);
  const input = { sourceTransaction: source, sourceOutputIndex: 0, unlockingScriptTemplate, sequence };
  const to = outputs.map(({ satoshis, lockingScript }) => ({
    satoshis,
    lockingScript: LockingScript.fromHex(lockingScript),
  }));
  const transaction = new Transaction(1, [input], to, lockTime);
  await transaction.sign();
  return transaction;
};

/** The one output of a good payment. */
const outputOf = async (
  remittance: Remittance,
  satoshis = remittance.terms.satoshis,
): Promise<Spend['outputs'][0]> => ({
  satoshis,
  lockingScript: await lockTo(client.wallet, remittance),
});

const payFor = async (
  remittance: Remittance,
  over: Partial<Spend> & { readonly coin?: Coin } = {},
): Promise<Payment> => {
  const { coin = await mint(), outputs = [await outputOf(remittance)], ...rest } = over;
  const transaction = await spend(coin, { outputs, ...rest });
  return { ...remittance, transaction: Uint8Array.from(transaction.toAtomicBEEF()) };
};

const ask = async (dialect: Dialect, request: RawRequest): Promise<Terms> => {
  const answer = await dialect.send(client, request);
  expect(answer.status).toBe(402);
  return readTerms(dialect, answer);
};

let documents = 0;
const freshRequest = (): RawRequest => askFor(`DOC-${(documents += 1)}`);

/** A right payment for a request of its own. */
const buy = async (dialect: Dialect): Promise<{ request: RawRequest; remittance: Remittance; terms: Terms }> => {
  const request = freshRequest();
  const terms = await ask(dialect, request);
  return { request, terms, remittance: remit(dialect, client.wallet, terms) };
};

/** Not served, nothing taken, and no bill but where it was too little. */
const expectRefused = async (act: () => Promise<RawAnswer>, code: string, status = 400): Promise<RawAnswer> => {
  const before = await countClaims();
  const answer = await act();
  expect([answer.code, answer.status]).toEqual([code, status]);
  expect(await countClaims()).toBe(before);
  if (status !== 402)
    for (const bill of ['x-bsv-payment-version', 'x-bsv-sats', 'payment-required'])
      expect(answer.headers.get(bill)).toBeNull();
  return answer;
};

describe.each(dialects.map((dialect) => [dialect.name, dialect] as const))('%s', (_name, dialect) => {
  const isOfSession = dialect.lifeMs === undefined;

  it('sells once: the same again is served for it, at another replica and after a restart; anything else is not', async () => {
    const { request, remittance } = await buy(dialect);
    const payment = await payFor(remittance);
    const before = await countClaims();
    const first = await dialect.send(client, request, payment);
    expect(first.status).toBe(200);
    expect(await countClaims()).toBe(before + 1);
    const started = await rig.gateway.openReplica();
    try {
      for (const place of [client, at(client, started.url)]) {
        const again = await dialect.send(place, request, payment);
        expect([again.status, again.body.toString()]).toEqual([200, first.body.toString()]);
        await expectRefused(() => dialect.send(place, freshRequest(), payment), 'payment-already-spent');
      }
    } finally {
      await started.app.close();
    }
    expect(await countClaims()).toBe(before + 1);
  });

  it('takes one of many that come at once, for one request alone', async () => {
    const { request, remittance } = await buy(dialect);
    const payment = await payFor(remittance);
    const requests = [request, freshRequest(), request, freshRequest(), request];
    const answers = await Promise.all(requests.map((each) => dialect.send(client, each, payment)));
    const served = new Set(answers.flatMap(({ status }, index) => (status === 200 ? [requests[index]?.body] : [])));
    // Without a session the payment is for whichever request has it first; of a session it is for the one that asked.
    expect(served.size).toBe(1);
    if (isOfSession) expect(answers.map(({ status }) => status)).toEqual([200, 400, 200, 400, 200]);
  });

  it('refuses a satoshi less, with the same terms again', async () => {
    const { request, remittance, terms } = await buy(dialect);
    const payment = await payFor(remittance, { outputs: [await outputOf(remittance, CHEAP - 1)] });
    const refused = await expectRefused(() => dialect.send(client, request, payment), 'payment-underpaid', 402);
    expect(readTerms(dialect, refused)).toEqual(terms);
  });

  it('refuses what pays another key, or at another output', async () => {
    const { request, remittance, terms } = await buy(dialect);
    const elsewhere = { ...remittance, terms: { ...terms, payee: client.wallet.identityKey } };
    const toOther = await payFor(remittance, { outputs: [await outputOf(elsewhere)] });
    await expectRefused(() => dialect.send(client, request, toOther), 'payment-wrong-key');
    const mine = { satoshis: CHEAP, lockingScript: client.wallet.coinLockingScript.toHex() };
    const behind = await payFor(remittance, { outputs: [mine, await outputOf(remittance)] });
    await expectRefused(() => dialect.send(client, request, behind), 'payment-wrong-key');
    if (isOfSession) return;
    await expectRefused(() => dialect.send(client, request, { ...behind, vout: 2 }), 'payment-wrong-key');
    // Any output that the dialect lets it name.
    expect((await dialect.send(client, request, { ...behind, vout: 1 })).status).toBe(200);
  });

  it('refuses what another brings', async () => {
    const { request, remittance } = await buy(dialect);
    const payment = await payFor(remittance);
    const thief = await openClient(rig.url, new DevWallet());
    const stolen = { ...payment, payer: thief.wallet.identityKey };
    const code = isOfSession ? 'payment-quote-unknown' : 'payment-wrong-key';
    await expectRefused(() => dialect.send(thief, request, stolen), code);
  });

  it('refuses what is a second too old', async () => {
    const { request, terms } = await buy(dialect);
    const paidAtMs = Date.now() - (dialect.lifeMs ?? 0) - 1_000;
    const payment = await payFor(remit(dialect, client.wallet, terms, paidAtMs));
    if (isOfSession) {
      const late = `update portcullis.payment_quote set expires_at = now() - interval '1 second' where prefix = $1`;
      await rig.gateway.database.owner.query(late, [terms.prefix]);
    }
    await expectRefused(() => dialect.send(client, request, payment), 'payment-quote-expired');
    if (isOfSession) return;
    const early = await payFor(remit(dialect, client.wallet, terms, Date.now() + 40_000));
    await expectRefused(() => dialect.send(client, request, early), 'payment-quote-expired');
  });

  it('refuses the terms of a cheap path on a dear one', async () => {
    const { remittance } = await buy(dialect);
    const payment = await payFor(remittance);
    const { beef } = await issueInvoice(funded, `DEAR-${dialect.name}`);
    const headers = { 'content-type': 'application/octet-stream', 'x-topics': '["tm_documents"]' };
    const dear = { method: 'POST', url: '/submit', headers, body: beef };
    const act = (): Promise<RawAnswer> => dialect.send(client, dear, payment);
    await (isOfSession ? expectRefused(act, 'payment-quote-unknown') : expectRefused(act, 'payment-underpaid', 402));
    expect(await rig.gateway.count('transition')).toBe(0);
  });

  it('refuses what is not final, not anchored, or in a block that is not ours', async () => {
    const { request, remittance } = await buy(dialect);
    const later = await payFor(remittance, { lockTime: 4_000_000_000, sequence: 0 });
    const early = await expectRefused(() => dialect.send(client, request, later), 'payment-unproven');
    expect(early.body.toString()).toContain('transaction-not-final');
    const { source, key } = await mint();
    const bare = Transaction.fromHex(source.toHex());
    bare.merklePath = undefined as never;
    const orphan = await spend({ source: bare, key }, { outputs: [await outputOf(remittance)] });
    const alone = new Beef();
    alone.mergeRawTx(orphan.toBinary());
    const unanchored = { ...remittance, transaction: nameSubject(orphan, alone.toBinary()) };
    await expectRefused(() => dialect.send(client, request, unanchored), 'payment-unproven');
    const liar = new DevWallet();
    fundWalletOffChain(liar, 5_000, 1);
    const { satoshis, lockingScript } = await outputOf(remittance);
    const outputs = [{ satoshis, lockingScript, outputDescription: 'a payment' }];
    const { tx = [] } = await liar.createAction({ description: 'a payment', outputs });
    const forged = { ...remittance, transaction: Uint8Array.from(tx) };
    await expectRefused(() => dialect.send(client, request, forged), 'payment-unproven');
  });

  it('refuses a BEEF whose last transaction pays and whose subject does not', async () => {
    const { request, remittance } = await buy(dialect);
    const owner = new DevWallet();
    const mine = { satoshis: 1_500, lockingScript: owner.coinLockingScript.toHex() };
    const subject = await spend(await mint(), { outputs: [mine] });
    const last = await spend({ source: subject, key: owner.coinKey }, { outputs: [await outputOf(remittance)] });
    const swapped = { ...remittance, transaction: nameSubject(subject, last.toBEEF()) };
    const refused = await dialect.send(client, request, swapped);
    expect(['payment-unproven', 'payment-wrong-key']).toContain(refused.code);
    // The same two without the name of a subject: whichever a reader takes.
    const plain = { ...remittance, transaction: Uint8Array.from(last.toBEEF()) };
    await expectRefused(() => dialect.send(client, request, plain), 'payment-malformed');
  });

  it('takes one of two payments of the same coin', async () => {
    const [first, second] = [await buy(dialect), await buy(dialect)];
    const coin = await mint();
    const [good, bad] = [await payFor(first.remittance, { coin }), await payFor(second.remittance, { coin })];
    expect((await dialect.send(client, first.request, good)).status).toBe(200);
    await expectRefused(() => dialect.send(client, second.request, bad), 'outpoint-spent');
  });

  it('refuses a payment that comes twice in one request', async () => {
    const { request, remittance } = await buy(dialect);
    const payment = await payFor(remittance);
    const code = dialect.name === 'brc-118' ? 'payment-malformed' : 'header-duplicated';
    await expectRefused(() => dialect.sendTwice(client, request, payment), code);
  });
});

// Passed over it would be asked for again, and the payer would pay twice.
describe('a payment in a dialect that its place does not take', () => {
  const refused = (headers: Record<string, string>, isSigned = false): Promise<unknown> => {
    const request = freshRequest();
    const wrong = { ...request, headers: { ...request.headers, ...headers } };
    const act = (): Promise<RawAnswer> => (isSigned ? client.session.send(wrong) : sendHttp(rig.url, wrong));
    return expectRefused(act, 'payment-dialect-refused');
  };

  it('is refused, and no bill is shown', async () => {
    await refused({ 'x-bsv-beef': 'AQEBAQ==' }, true);
    await refused({ 'payment-signature': 'e30=' }, true);
    await refused({ 'x-bsv-payment': '{}' });
    await refused({ 'x-bsv-beef': 'AQEBAQ==', 'payment-signature': 'e30=' });
  });

  it('is refused half, where a part of it is missing', async () => {
    for (const headers of [{ 'x-bsv-beef': 'AQEBAQ==' }, { 'payment-signature': 'not base64' }]) {
      const act = (): Promise<RawAnswer> => {
        const request = freshRequest();
        return sendHttp(rig.url, { ...request, headers: { ...request.headers, ...headers } });
      };
      await expectRefused(act, 'payment-malformed');
    }
  });
});

const nameSubject = (subject: Transaction, beef: number[] | Uint8Array): Uint8Array =>
  Uint8Array.from([1, 1, 1, 1, ...Buffer.from(subject.id('hex'), 'hex').reverse(), ...beef]);
