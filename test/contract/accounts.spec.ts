import { PrivateKey } from '@bsv/sdk';
import { txidFromWire } from '#atomic-core';
import { fsck, retractTransition } from '#ledger';
import { DevWallet, waitUntil } from '#testkit';
import { AccountsModule } from '../../src/accounts';
import { PaymentsModule } from '../../src/payments';
import { openGateway } from './gateway-rig';
import { type PaymentRig, openPaidGateway, pay, readTerms } from './payment-rig';
import { type RawAnswer, RawCaller, type RawRequest, echoRequest } from './raw-caller';

const operatorKey = PrivateKey.fromRandom();
const friendKey = PrivateKey.fromRandom();
const friendsFriendKey = PrivateKey.fromRandom();
const creditKey = PrivateKey.fromRandom();
const keyOf = (key: PrivateKey): string => key.toPublicKey().toString();
const priced = (method: 'GET' | 'POST', path: string, price: object) => ({ method, path, price });

const settings = {
  operator: 'house',
  organisations: {
    house: [{ identityKey: keyOf(operatorKey), roles: ['operator' as const] }],
    friends: [keyOf(friendKey), keyOf(friendsFriendKey)],
    trusted: [keyOf(creditKey)],
  },
  prices: [
    priced('POST', '/v1/test/echo', {}),
    priced('GET', '/v1/test/fault', {}),
    priced('GET', '/v1/test/refused', {}),
  ].map(({ method, path }) => ({ method, path, satoshis: 200 })),
  plans: {
    friendly: {
      customers: ['friends'],
      routes: [
        priced('POST', '/v1/test/echo', { period: 'day', tiers: [{ upTo: 2, satoshis: 100 }, { satoshis: 40 }] }),
        priced('GET', '/v1/test/empty', { flat: 10 }),
      ],
      allowance: { requests: 1, period: 'month' as const, per: 'organisation' as const },
    },
    credit: { customers: ['trusted'], routes: [], discountPercent: 50, creditLimit: 250 },
  },
};

let rig: PaymentRig;
beforeAll(async () => {
  rig = await openPaidGateway(settings, [AccountsModule]);
});
afterAll(async () => {
  const broken = (await fsck(rig.gateway.database.dataSource)).filter(({ ok }) => !ok);
  await rig.stop();
  expect(broken).toEqual([]);
});

interface Customer {
  readonly wallet: DevWallet;
  readonly caller: RawCaller;
}

const open = async (key = PrivateKey.fromRandom()): Promise<Customer> => {
  const wallet = new DevWallet(key);
  return { wallet, caller: await RawCaller.open(rig.gateway.origin, wallet) };
};
const withHeaders = (request: RawRequest, headers: Record<string, string>): RawRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
});
const topUpOf = (satoshis: number): RawRequest => ({
  method: 'POST',
  url: '/v1/accounts/top-ups',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ satoshis }),
});
const get = (url: string): RawRequest => ({ method: 'GET', url });
const read = (answer: RawAnswer): Record<string, unknown> =>
  JSON.parse(answer.body.toString()) as Record<string, unknown>;
const payFor = async ({ wallet, caller }: Customer, request: RawRequest): Promise<RawAnswer> => {
  const terms = readTerms(await caller.send(request));
  return caller.send(withHeaders(request, await pay(wallet, terms)));
};
const topUp = async (customer: Customer, satoshis: number): Promise<RawAnswer> => {
  await rig.fund(customer.wallet, satoshis + 10_000);
  return payFor(customer, topUpOf(satoshis));
};
const balanceOf = async ({ caller }: Customer, holder = caller.identityKey): Promise<unknown> =>
  read(await caller.send(get(`/v1/accounts/${holder}`)))['balance'];
const statusesOf = async (times: number, act: () => Promise<RawAnswer>): Promise<number[]> => {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) statuses.push((await act()).status);
  return statuses;
};

describe('an account', () => {
  it('is paid ahead for what is asked, drawn on without a payment, and asked for more when it is empty', async () => {
    const customer = await open();
    const topped = await topUp(customer, 500);
    expect([topped.status, read(topped)]).toEqual([
      201,
      { organisation: customer.caller.identityKey, balance: 500, debt: 0, plan: null, creditLimit: 0, paid: 500 },
    ]);
    const bought = await customer.caller.send(echoRequest);
    expect([bought.status, bought.headers.get('x-bsv-payment-satoshis-paid')]).toEqual([200, '200']);
    expect(await statusesOf(2, () => customer.caller.send(echoRequest))).toEqual([200, 402]);
    expect(await balanceOf(customer)).toBe(100);
  });

  it('is drawn on once for a request with a key of its own', async () => {
    const customer = await open();
    await topUp(customer, 1_000);
    const keyed = withHeaders(echoRequest, { 'x-bsv-idempotency-key': 'once' });
    expect(await statusesOf(3, () => customer.caller.send(keyed))).toEqual([200, 200, 200]);
    expect(await balanceOf(customer)).toBe(800);
  });

  it('takes a top-up once, however often it is shown', async () => {
    const customer = await open();
    await rig.fund(customer.wallet);
    const request = topUpOf(300);
    const terms = readTerms(await customer.caller.send(request));
    const paid = withHeaders(request, await pay(customer.wallet, terms));
    expect(await statusesOf(2, () => customer.caller.send(paid))).toEqual([201, 201]);
    expect(await balanceOf(customer)).toBe(300);
  });

  it('keeps what is paid above a price', async () => {
    const customer = await open();
    await rig.fund(customer.wallet);
    const terms = readTerms(await customer.caller.send(echoRequest));
    const payment = await pay(customer.wallet, terms, { satoshis: 260 });
    expect((await customer.caller.send(withHeaders(echoRequest, payment))).status).toBe(200);
    expect(await balanceOf(customer)).toBe(60);
  });

  it.each<[string, string, number]>([
    ['a fault of the gateway', '/v1/test/fault', 500],
    ['a refusal behind the payment', '/v1/test/refused', 422],
  ])('gets back what was taken for %s, and its payment buys nothing more', async (_name, url, status) => {
    const customer = await open();
    await rig.fund(customer.wallet);
    const terms = readTerms(await customer.caller.send(get(url)));
    const paid = withHeaders(get(url), await pay(customer.wallet, terms));
    expect((await customer.caller.send(paid)).status).toBe(status);
    expect(await balanceOf(customer)).toBe(200);
    expect((await customer.caller.send(paid)).code).toBe('payment-credited');
    // Without the payment it is drawn for, and given back again.
    expect((await customer.caller.send(get(url))).status).toBe(status);
    expect(await balanceOf(customer)).toBe(200);
  });

  it('notes what was served, so that nothing waits', async () => {
    await waitUntil('everything served is noted', async () => {
      const rows = await rig.gateway.database.owner.query<unknown[]>('select from portcullis.unserved');
      return rows.length === 0;
    });
  });

  it('notes what was served before a gateway has stopped', async () => {
    const customer = await open();
    await topUp(customer, 500);
    const replica = await openGateway({
      database: rig.gateway.database,
      settings: { ...settings, verificationWorkers: 1, devnetUrl: rig.devnet.url },
      imports: [PaymentsModule, AccountsModule],
    });
    expect((await customer.caller.at(replica.origin).send(echoRequest)).status).toBe(200);
    await replica.stop();
    expect(await rig.gateway.database.owner.query('select from portcullis.unserved')).toEqual([]);
  });

  it('shows its statement to its own members as JSON, a page at a time, and as CSV', async () => {
    const customer = await open();
    await topUp(customer, 500);
    await customer.caller.send(echoRequest);
    const url = `/v1/accounts/${customer.caller.identityKey}/entries`;
    const page = read(await customer.caller.send(get(`${url}?limit=1`)));
    expect(page).toMatchObject({ entries: [{ seq: 2, kind: 'draw', satoshis: -200, balance: 300 }], next: 2 });
    expect(read(await customer.caller.send(get(`${url}?before=2`)))).toMatchObject({
      entries: [{ seq: 1, kind: 'top-up', satoshis: 500 }],
      next: null,
    });
    const csv = await customer.caller.send(get(`${url}?format=csv`));
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(
      csv.body
        .toString()
        .split('\r\n')
        .slice(1, 3)
        .map((line) => line.split(',')[2]),
    ).toEqual(['draw', 'top-up']);
    expect((await customer.caller.send(get(`${url}?limit=0`))).code).toBe('query-malformed');
  });

  it('is of its organisation, whoever of it asks, and shown to nobody else but who runs the gateway', async () => {
    const [one, other] = [await open(friendKey), await open(friendsFriendKey)];
    await topUp(one, 70);
    expect(await balanceOf(other, 'friends')).toBe(70);
    const stranger = await open();
    expect((await stranger.caller.send(get('/v1/accounts/friends'))).code).toBe('account-not-found');
    expect((await stranger.caller.send(get('/v1/accounts/friends/entries'))).code).toBe('account-not-found');
    expect((await stranger.caller.send(get('/v1/accounts/nobody'))).code).toBe('account-not-found');
    expect(await balanceOf(await open(operatorKey), 'friends')).toBe(70);
  });

  it.each([['{}'], ['{"satoshis":0}'], ['{"satoshis":1.5}'], ['{"satoshis":1,"more":1}'], ['[]']])(
    'takes no top-up of %s',
    async (body) => {
      const { caller } = await open();
      expect((await caller.send({ ...topUpOf(1), body })).code).toBe('request-malformed');
    },
  );
});

describe('a plan', () => {
  it('gives the allowance first, then each tier, to an organisation as one', async () => {
    const [one, other] = [await open(friendKey), await open(friendsFriendKey)];
    const before = Number(await balanceOf(one, 'friends'));
    await topUp(one, 1_000 - before);
    const paid: (string | null)[] = [];
    for (const { caller } of [one, other, one, other]) {
      paid.push((await caller.send(echoRequest)).headers.get('x-bsv-payment-satoshis-paid'));
    }
    expect(paid).toEqual(['0', '100', '100', '40']);
    expect((await one.caller.send(get('/v1/test/empty'))).headers.get('x-bsv-payment-satoshis-paid')).toBe('10');
    expect(await balanceOf(one, 'friends')).toBe(750);
  });

  it('prices nobody whom it does not name', async () => {
    const { caller } = await open();
    expect((await caller.send(get('/v1/test/empty'))).status).toBe(200);
    expect((await caller.send(echoRequest)).headers.get('x-bsv-payment-satoshis-required')).toBe('200');
  });

  it('gives credit to its limit, and asks for money then', async () => {
    const customer = await open(creditKey);
    expect(await statusesOf(2, () => customer.caller.send(echoRequest))).toEqual([200, 402]);
    expect(await balanceOf(customer, 'trusted')).toBe(-200);
    await topUp(customer, 150);
    expect((await customer.caller.send(echoRequest)).status).toBe(200);
    expect(await balanceOf(customer, 'trusted')).toBe(-250);
  });

  it('is published by an operator alone, for routes that there are, and takes effect later', async () => {
    const operator = await open(operatorKey);
    const publish = ({ caller }: Customer, body: object): Promise<RawAnswer> =>
      caller.send({
        ...{ method: 'POST', url: '/v1/plans', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify(body),
      });
    const routes = [priced('GET', '/v1/test/empty', { flat: 30 })];
    const plan = { name: 'published', customers: ['*'], routes };
    const made = await publish(operator, plan);
    expect([made.status, read(made)]).toMatchObject([
      201,
      { name: 'published', version: 1, auditLeaf: expect.any(Number) },
    ]);
    expect(Date.parse(String(read(made)['effectiveFrom']))).toBeGreaterThan(Date.now() + 5_000);
    const codes = [
      await publish(await open(), plan),
      await publish(operator, { ...plan, name: 'friendly' }),
      await publish(operator, { ...plan, routes: [priced('GET', '/v1/nothing', { flat: 1 })] }),
      await publish(operator, {
        ...plan,
        routes: [priced('GET', '/v1/test/empty', { period: 'day', tiers: [{ upTo: 1, satoshis: 1 }] })],
      }),
    ].map(({ code }) => code);
    expect(codes).toEqual(['plan-forbidden', 'plan-conflict', 'request-malformed', 'request-malformed']);
    const listed = read(await operator.caller.send(get('/v1/plans')))['plans'] as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(['friendly', 'credit', 'published']);
    const { caller } = await open();
    expect((await caller.send(get('/v1/plans'))).code).toBe('plan-forbidden');
    expect((await caller.send(get('/v1/test/empty'))).status).toBe(200);
    await rig.gateway.database.owner.query(`update portcullis.plan set effective_from = now() - interval '1 second'`);
    await waitUntil('the plan is in effect', async () => (await caller.send(get('/v1/test/empty'))).status === 402);
  });
});

describe('a debt', () => {
  it('stops whoever owes until it is paid', async () => {
    const customer = await open();
    await topUp(customer, 500);
    await rig.fund(customer.wallet);
    const echo = { ...echoRequest, body: '{"amount":60}' };
    const bought = await pay(customer.wallet, readTerms(await customer.caller.send(topUpOf(60))));
    expect((await customer.caller.send(withHeaders(topUpOf(60), bought))).status).toBe(201);
    const [claim] = await rig.gateway.database.owner.query<{ txid: Buffer }[]>(
      'select txid from portcullis.payment_claim where organisation = $1 and satoshis = 60',
      [customer.caller.identityKey],
    );
    await retractTransition(rig.gateway.pool, txidFromWire(claim?.txid ?? Buffer.alloc(32)), 'double spent');
    const refused = await customer.caller.send(echo);
    expect([refused.status, refused.code]).toEqual([403, 'payment-debt-open']);
    await topUp(customer, 100);
    expect((await customer.caller.send(echoRequest)).status).toBe(200);
    // What was paid ahead and refused is in the balance still, and paid for by what was paid since.
    expect(await balanceOf(customer)).toBe(500 + 60 + 40 - 200);
  });
});
