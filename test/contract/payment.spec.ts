import { AuthFetch } from '@bsv/sdk';
import { DevWallet, fundWalletOffChain } from '#testkit';
import { VerificationPool } from '../../src/verification/verification.pool';
import {
  ITEM_PRICE,
  PRICE,
  type PaymentRig,
  openPaidGateway,
  pay,
  payingScript,
  readTerms,
  writePaymentHeader,
} from './payment-rig';
import { type RawAnswer, RawCaller, type RawRequest, echoRequest } from './raw-caller';

let rig: PaymentRig;
let wallet: DevWallet;
let caller: RawCaller;

beforeAll(async () => {
  rig = await openPaidGateway();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  rig.gateway.served.length = 0;
  wallet = new DevWallet();
  caller = await RawCaller.open(rig.gateway.origin, wallet);
});

const ask = async (request: RawRequest = echoRequest): Promise<ReturnType<typeof readTerms>> => {
  const answer = await caller.send(request);
  expect(answer).toMatchObject({ status: 402, code: 'payment-required' });
  return readTerms(answer);
};
const sendPaid = (payment: Record<string, string>, request: RawRequest = echoRequest): Promise<RawAnswer> =>
  caller.send({ ...request, headers: { ...request.headers, ...payment } });
const countRows = async (table: string, where: string, value: string): Promise<number> => {
  const sql = `select count(*) as n from portcullis.${table} where ${where} = $1`;
  const [row] = await rig.gateway.database.owner.query<{ n: string }[]>(sql, [value]);
  return Number(row?.n);
};

describe('AuthFetch with a funded wallet', () => {
  beforeEach(() => {
    for (const method of ['info', 'warn', 'error'] as const) jest.spyOn(console, method).mockImplementation();
  });
  afterEach(() => jest.restoreAllMocks());

  it('pays by itself, once, and is told what was taken', async () => {
    await rig.fund(wallet);
    const client = new AuthFetch(wallet);
    const { method, headers = {}, body } = echoRequest;
    const response = await client.fetch(`${rig.gateway.origin}${echoRequest.url}`, { method, headers, body });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-bsv-payment-satoshis-paid')).toBe(String(PRICE));
    expect(rig.gateway.served).toEqual([wallet.identityKey]);
    expect(await countRows('payment_claim', 'identity_key', wallet.identityKey)).toBe(1);
    expect(await countRows('outbox', 'organisation', wallet.identityKey)).toBe(1);
    expect(await countRows('audit_leaf', 'organisation', wallet.identityKey)).toBe(1);
  });

  it('pays for a route with a parameter, and not for a free one', async () => {
    await rig.fund(wallet);
    const client = new AuthFetch(wallet);
    const paid = await client.fetch(`${rig.gateway.origin}/v1/test/items/7`);
    expect(paid.headers.get('x-bsv-payment-satoshis-paid')).toBe(String(ITEM_PRICE));
    const free = await client.fetch(`${rig.gateway.origin}/v1/identity`);
    expect([free.status, free.headers.get('x-bsv-payment-satoshis-paid')]).toEqual([200, null]);
  });
});

describe('terms', () => {
  it('stay the same while they are open, and are signed', async () => {
    const first = await caller.send(echoRequest);
    const second = await caller.send(echoRequest);
    expect(readTerms(second)).toEqual(readTerms(first));
    expect(readTerms(first)).toMatchObject({ satoshis: PRICE, payee: caller.gatewayKey });
    expect(first.headers.get('x-bsv-payment-version')).toBe('1.0');
    expect(await caller.isSignedForMe(first)).toBe(true);
  });

  it('differ for another body, query, path or caller', async () => {
    const requests: RawRequest[] = [
      echoRequest,
      { ...echoRequest, body: '{"amount":2}' },
      { ...echoRequest, url: '/v1/test/echo?a=1' },
      { method: 'GET', url: '/v1/test/items/1' },
      { method: 'GET', url: '/v1/test/items/2' },
    ];
    const prefixes = [];
    for (const request of requests) prefixes.push((await ask(request)).prefix);
    caller = await RawCaller.open(rig.gateway.origin, new DevWallet());
    prefixes.push((await ask()).prefix);
    expect(new Set(prefixes).size).toBe(prefixes.length);
  });

  it('are asked for however the path is spelled', async () => {
    expect(await caller.send({ ...echoRequest, url: '/v1/test/%65cho' })).toMatchObject({ status: 402 });
    expect(rig.gateway.served).toEqual([]);
  });
});

describe('a payment', () => {
  beforeEach(() => rig.fund(wallet));

  it('is served again on the same request and taken once (P2, P6)', async () => {
    const payment = await pay(wallet, await ask());
    expect((await sendPaid(payment)).status).toBe(200);
    expect((await sendPaid(payment)).status).toBe(200);
    expect(await countRows('payment_claim', 'identity_key', wallet.identityKey)).toBe(1);
    expect(await countRows('outbox', 'organisation', wallet.identityKey)).toBe(1);
    const elsewhere = await sendPaid(payment, { ...echoRequest, body: '{"amount":2}' });
    expect(elsewhere).toMatchObject({ status: 409, code: 'payment-already-spent' });
  });

  it('is served again for ten minutes after its terms have expired, since it was taken before', async () => {
    const payment = await pay(wallet, await ask());
    expect((await sendPaid(payment)).status).toBe(200);
    await expire(9);
    expect((await sendPaid(payment)).status).toBe(200);
  });

  it('is served no more after that: who reads on pays again', async () => {
    const payment = await pay(wallet, await ask());
    expect((await sendPaid(payment)).status).toBe(200);
    await expire(10);
    const refused = await sendPaid(payment);
    expect(refused).toMatchObject({ status: 409, code: 'payment-already-spent' });
    expect(refused.headers.get('x-bsv-payment-version')).toBeNull();
    expect(rig.gateway.served).toHaveLength(1);
    expect((await sendPaid(await pay(wallet, await ask()))).status).toBe(200);
  });

  it('is taken once of many that come at once', async () => {
    const payment = await pay(wallet, await ask());
    const answers = await Promise.all(Array.from({ length: 8 }, () => sendPaid(payment)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(await countRows('payment_claim', 'identity_key', wallet.identityKey)).toBe(1);
  });

  it('is refused on another body, path or query (P2, C1)', async () => {
    const payment = await pay(wallet, await ask());
    const others = [
      { ...echoRequest, body: '{"amount":2}' },
      { ...echoRequest, url: '/v1/test/echo?a=1' },
      { method: 'GET', url: '/v1/test/items/1' },
    ];
    for (const other of others) {
      expect(await sendPaid(payment, other)).toMatchObject({ status: 409, code: 'payment-quote-unknown' });
    }
    expect(rig.gateway.served).toEqual([]);
  });

  it("is refused from another identity, even with the payer's terms (P3, C1, C2)", async () => {
    const payment = await pay(wallet, await ask());
    caller = await RawCaller.open(rig.gateway.origin, new DevWallet());
    expect(await sendPaid(payment)).toMatchObject({ status: 409, code: 'payment-quote-unknown' });
  });

  it('is refused on the terms of a cheaper route (P3)', async () => {
    const cheap = await ask({ method: 'GET', url: '/v1/test/items/1' });
    expect(await sendPaid(await pay(wallet, cheap))).toMatchObject({ status: 409, code: 'payment-quote-unknown' });
  });

  it('is refused once its terms have expired, without new ones (P3, C2)', async () => {
    const payment = await pay(wallet, await ask());
    await expire(1);
    const refused = await sendPaid(payment);
    expect(refused).toMatchObject({ status: 409, code: 'payment-quote-expired' });
    expect(refused.headers.get('x-bsv-payment-version')).toBeNull();
  });

  it('is refused one satoshi short, with the same terms again (P1, C1)', async () => {
    const terms = await ask();
    const short = await sendPaid(await pay(wallet, terms, { satoshis: PRICE - 1 }));
    expect(short).toMatchObject({ status: 402, code: 'payment-underpaid' });
    expect(readTerms(short)).toEqual(terms);
    expect((await sendPaid(await pay(wallet, terms))).status).toBe(200);
  });

  it('is refused at another output than 0, or to another key (P1, C1)', async () => {
    const terms = await ask();
    const before = [{ satoshis: PRICE, lockingScript: wallet.coinLockingScript.toHex(), outputDescription: 'mine' }];
    const refused = { status: 422, code: 'payment-wrong-key' };
    expect(await sendPaid(await pay(wallet, terms, { before }))).toMatchObject(refused);
    const toOther = await pay(wallet, { ...terms, payee: wallet.identityKey });
    expect(await sendPaid(toOther)).toMatchObject(refused);
  });

  it('is refused when it spends what another taken payment spends (P4)', async () => {
    const other = { ...echoRequest, body: '{"amount":2}' };
    const [first, second] = [await ask(), await ask(other)];
    // Two wallets that believe in one coin.
    const payer = new DevWallet();
    const funding = await wallet.createAction({
      description: 'one coin for two payments',
      outputs: [{ satoshis: 1_000, lockingScript: payer.coinLockingScript.toHex(), outputDescription: 'the coin' }],
    });
    const payments = [];
    for (const terms of [first, second]) {
      const spender = new DevWallet();
      spender.addFunding(funding.tx ?? [], 0, payer.coinKey);
      const script = await payingScript(wallet, terms);
      const { tx } = await spender.createAction({
        description: 'the same coin',
        outputs: [{ satoshis: PRICE, lockingScript: script, outputDescription: 'the payment' }],
      });
      payments.push(writePaymentHeader(terms.prefix, tx ?? []));
    }
    expect((await sendPaid(payments[0] ?? {})).status).toBe(200);
    expect(await sendPaid(payments[1] ?? {}, other)).toMatchObject({ status: 409, code: 'outpoint-spent' });
    expect(rig.gateway.served).toHaveLength(1);
  });

  it('is refused as bytes, garbage or plain BEEF (C1)', async () => {
    const { prefix } = await ask();
    const malformed = { status: 400, code: 'payment-malformed' };
    expect(await sendPaid({ 'x-bsv-payment': 'not json' })).toMatchObject(malformed);
    expect(await sendPaid(writePaymentHeader(prefix, [1, 2, 3]))).toMatchObject(malformed);
    const cut = await sendPaid(writePaymentHeader(prefix, [1, 1, 1, 1, ...Array<number>(40).fill(7)]));
    expect(cut).toMatchObject({ status: 422, code: 'payment-unproven' });
    expect(cut.headers.get('x-bsv-payment-version')).toBeNull();
  });

  it('is read from a header of 80 KiB (C4)', async () => {
    const data = `006a4d${Buffer.from([0x60, 0xea]).toString('hex')}${'00'.repeat(0xea60)}`;
    await wallet.createAction({
      description: 'a large ancestor',
      outputs: [{ satoshis: 0, lockingScript: data, outputDescription: 'ballast' }],
    });
    const payment = await pay(wallet, await ask());
    expect(payment['x-bsv-payment']?.length).toBeGreaterThan(80_000);
    expect((await sendPaid(payment)).status).toBe(200);
  });
});

// Up to 96 KiB of scripts, from a caller who keeps the money: the worker's time is for payments that pay.
describe('the scripts of a payment', () => {
  beforeEach(() => rig.fund(wallet));
  afterEach(() => jest.restoreAllMocks());

  const listOrders = async (payment: Record<string, string>): Promise<[string | undefined, string[]]> => {
    const run = jest.spyOn(VerificationPool.prototype, 'run');
    const { code } = await sendPaid(payment);
    return [code, run.mock.calls.map(([{ op }]) => op)];
  };

  it('are run when output 0 pays the price', async () => {
    expect(await listOrders(await pay(wallet, await ask()))).toEqual([undefined, ['read', 'scripts']]);
  });

  it('are not run for one satoshi less', async () => {
    const short = await pay(wallet, await ask(), { satoshis: PRICE - 1 });
    expect(await listOrders(short)).toEqual(['payment-underpaid', ['read']]);
  });

  it('are not run for another key', async () => {
    const toOther = await pay(wallet, { ...(await ask()), payee: wallet.identityKey });
    expect(await listOrders(toOther)).toEqual(['payment-wrong-key', ['read']]);
  });
});

describe('a payment that cannot be judged', () => {
  it('gets 503 where a header is missing here, never another bill (C3)', async () => {
    fundWalletOffChain(wallet, 10_000, 4_000_000);
    const terms = await ask();
    const unsettled = await sendPaid(await pay(wallet, terms));
    expect(unsettled).toMatchObject({ status: 503, code: 'payment-unknown' });
    expect(unsettled.body.toString()).toContain('chain-unsettled');
    expect(unsettled.headers.get('x-bsv-payment-status')).toBe(`/v1/payments/${encodeURIComponent(terms.prefix)}`);
    expect(Number(unsettled.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(unsettled.headers.get('x-bsv-payment-version')).toBeNull();
  });

  it('is refused for good where the proof contradicts our header', async () => {
    fundWalletOffChain(wallet, 10_000, 1);
    expect(await sendPaid(await pay(wallet, await ask()))).toMatchObject({ status: 422, code: 'payment-unproven' });
    expect(rig.gateway.served).toEqual([]);
  });
});

const expire = (minutes: number): Promise<unknown> =>
  rig.gateway.database.owner.query(
    `update portcullis.payment_quote set expires_at = now() - $2 * interval '1 minute' where identity_key = $1`,
    [wallet.identityKey, minutes],
  );
