import { DevWallet, fundWalletOffChain, topUpPlainly, waitUntil } from '#testkit';
import { PaymentsModule } from '../../src/payments';
import { VerificationPool } from '../../src/verification/verification.pool';
import { type GatewayRig, openGateway } from './gateway-rig';
import { PRICE, type PaymentRig, openPaidGateway, pay, readTerms } from './payment-rig';
import { type RawAnswer, RawCaller, type RawRequest, echoRequest, replaceHeaders } from './raw-caller';

/** Where a payment may have arrived nobody is asked for a second one: that is `payment-unknown`, with the place where it can be asked after. */
let rig: PaymentRig;
let replica: GatewayRig;
let wallet: DevWallet;
let caller: RawCaller;

beforeAll(async () => {
  const settings = { verificationQueueMax: 1 };
  rig = await openPaidGateway(settings);
  const prices = [{ method: 'POST' as const, path: '/v1/test/echo', satoshis: PRICE + 1 }];
  replica = await openGateway({
    database: rig.gateway.database,
    settings: {
      ...settings,
      prices,
      verificationWorkers: 1,
      devnetUrl: rig.devnet.url,
      headerSources: [{ kind: 'devnet', url: rig.devnet.url }],
    },
    imports: [PaymentsModule],
  });
}, 60_000);
afterAll(async () => {
  await replica.stop();
  await rig.stop();
});
beforeEach(async () => {
  wallet = new DevWallet();
  caller = await RawCaller.open(rig.gateway.origin, wallet);
});
afterEach(() => jest.restoreAllMocks());

const requestOf = (amount: number): RawRequest => ({ ...echoRequest, body: JSON.stringify({ amount }) });
const ask = async (request = echoRequest): Promise<ReturnType<typeof readTerms>> => {
  const answer = await caller.send(request);
  expect(answer).toMatchObject({ status: 402, code: 'payment-required' });
  return readTerms(answer);
};
const find = async (reference: string, who = caller): Promise<[number, Record<string, unknown>]> => {
  const answer = await who.send({ method: 'GET', url: `/v1/payments/${encodeURIComponent(reference)}` });
  return [answer.status, JSON.parse(answer.body.toString()) as Record<string, unknown>];
};
const isBill = ({ headers }: RawAnswer): boolean => headers.get('x-bsv-payment-version') !== null;

const expectUnknown = async (answer: RawAnswer, prefix: string): Promise<void> => {
  expect(answer).toMatchObject({ status: 503, code: 'payment-unknown' });
  expect(isBill(answer)).toBe(false);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  const path = `/v1/payments/${encodeURIComponent(prefix)}`;
  expect(answer.headers.get('x-bsv-payment-status')).toBe(path);
  expect(answer.headers.get('link')).toBe(`<${path}>; rel="payment-status"`);
  // `AuthFetch` shows its caller what is signed.
  expect(await caller.isSignedForMe(answer)).toBe(true);
};

describe('a payment that came while', () => {
  it('the verification was busy is not asked for again, at any replica, and good when it comes again', async () => {
    await rig.fund(wallet, 1_000_000);
    const requests = Array.from({ length: 12 }, (_, n) => requestOf(n));
    const terms = [];
    for (const request of requests) terms.push(await ask(request));
    const payments: Record<string, string>[] = [];
    for (const each of terms) payments.push(await pay(wallet, each));
    const answers = await Promise.all(requests.map((request, n) => caller.send(replaceHeaders(request, payments[n]!))));
    const lost = answers.findIndex(({ status }) => status === 503);
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
    const { prefix } = terms[lost]!;
    await expectUnknown(answers[lost]!, prefix);
    expect(answers[lost]!.body.toString()).toContain('verification-busy');
    await expectUnknown(await caller.send(requests[lost]!), prefix);
    await expectUnknown(await caller.at(replica.origin).send(requests[lost]!), prefix);
    expect(await find(prefix)).toEqual([200, expect.objectContaining({ state: 'unknown' })]);
    expect(await caller.send(replaceHeaders(requests[lost]!, payments[lost]!))).toMatchObject({ status: 200 });
    expect(await find(prefix)).toEqual([200, expect.objectContaining({ state: 'claimed' })]);
  });

  it('its block was not known here is not asked for again until its terms have ended', async () => {
    fundWalletOffChain(wallet, 10_000, 4_000_000);
    const { prefix } = await ask();
    const payment = await pay(wallet, readTerms(await caller.send(echoRequest)));
    await expectUnknown(await caller.send(replaceHeaders(echoRequest, payment)), prefix);
    await expectUnknown(await caller.send(echoRequest), prefix);
    // Nobody else is held up by it, and nobody else hears of it.
    const other = await RawCaller.open(rig.gateway.origin, new DevWallet());
    expect(await other.send(echoRequest)).toMatchObject({ status: 402 });
    expect(await find(prefix, other)).toEqual([404, expect.objectContaining({ code: 'payment-not-found' })]);
    await rig.gateway.database.owner.query(
      `update portcullis.payment_quote set expires_at = now() - interval '1 second' where prefix = $1`,
      [prefix],
    );
    expect((await ask()).prefix).not.toBe(prefix);
  });

  it('the process died over it is not asked for again', async () => {
    await rig.fund(wallet);
    const terms = await ask();
    const payment = await pay(wallet, terms);
    const run = jest.spyOn(VerificationPool.prototype, 'run').mockReturnValue(new Promise(() => undefined));
    void caller.send(replaceHeaders(echoRequest, payment)).catch(() => undefined);
    await waitUntil('the payment is being judged', () => Promise.resolve(run.mock.calls.length > 0));
    run.mockRestore();
    const elsewhere = caller.at(replica.origin);
    // Not even of an account that would do: it would be a second payment.
    const { identityKey } = caller;
    await topUpPlainly(rig.gateway.pool, { organisation: identityKey, identityKey, requestId: '' }, 10 * PRICE);
    await expectUnknown(await elsewhere.send(echoRequest), terms.prefix);
    expect(await elsewhere.send(replaceHeaders(echoRequest, payment))).toMatchObject({ status: 200 });
  });
});

describe('a payment that was refused for good', () => {
  it('is forgotten: who asks again is told the same terms', async () => {
    await rig.fund(wallet);
    const terms = await ask();
    const toOther = await pay(wallet, { ...terms, payee: wallet.identityKey });
    expect(await caller.send(replaceHeaders(echoRequest, toOther))).toMatchObject({ code: 'payment-wrong-key' });
    expect(await ask()).toEqual(terms);
    expect(await find(terms.prefix)).toEqual([200, expect.objectContaining({ state: 'not-seen' })]);
  });
});

describe('the terms', () => {
  it('stay what they were where another price list is in force, and say whose they are', async () => {
    const terms = await ask();
    expect(readTerms(await caller.at(replica.origin).send(echoRequest))).toEqual(terms);
    const dearer = readTerms(await caller.at(replica.origin).send(requestOf(77)));
    expect([terms.satoshis, dearer.satoshis]).toEqual([PRICE, PRICE + 1]);
    const versions = [];
    for (const { prefix } of [terms, dearer]) {
      const [status, { terms: found }] = await find(prefix);
      expect(status).toBe(200);
      versions.push((found as { planVersion: string }).planVersion);
    }
    expect(new Set(versions).size).toBe(2);
    expect(versions).toEqual([
      expect.stringMatching(/^prices@[0-9a-f]{12}$/u),
      expect.stringMatching(/^prices@[0-9a-f]{12}$/u),
    ]);
  });
});

describe('what became of a payment', () => {
  it('is told to who paid, by its terms and by its output', async () => {
    await rig.fund(wallet);
    const { prefix } = await ask();
    const payment = await pay(wallet, { ...(await ask()), prefix });
    expect(await caller.send(replaceHeaders(echoRequest, payment))).toMatchObject({ status: 200 });
    const [status, found] = await find(prefix);
    expect([status, found]).toEqual([
      200,
      {
        state: 'claimed',
        terms: expect.objectContaining({ method: 'POST', path: '/v1/test/echo', satoshis: PRICE }),
        payment: {
          outpoint: expect.stringMatching(/^[0-9a-f]{64}\.0$/u),
          satoshis: PRICE,
          settlement: 'applied',
          claimedAt: expect.any(String),
          submission: null,
        },
      },
    ]);
    const { outpoint } = found['payment'] as { outpoint: string };
    expect(await find(outpoint)).toEqual([200, found]);
    const other = await RawCaller.open(rig.gateway.origin, new DevWallet());
    for (const reference of [prefix, outpoint, `${'0'.repeat(64)}.0`, 'nonsense', `${'0'.repeat(64)}.99999999999`])
      expect((await find(reference, other))[0]).toBe(404);
  });
});
