import { HTTPFacilitatorClient } from '@x402/core/http';
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { decodePaymentResponseHeader, wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { DevWallet } from '#testkit';
import { OverlayRig, issueInvoice } from './overlay-rig';
import { type Dialect, type Payment, type Terms } from './payment-dialects';
import { findDialect, openClient, openScheme, payFrom, readTerms } from './payment-dialects';
import { RawCaller, type RawRequest, sendHttp } from './raw-caller';

const TOKEN = 'a token of the servers of the operator';
const [LOOKUP, SUBMIT] = [40, 60];
const NETWORK = 'bsv:devnet';

let rig: OverlayRig;
let funded: DevWallet;

beforeAll(async () => {
  rig = await OverlayRig.open({
    overlayOpen: ['tm_ship'],
    overlayPaid: ['tm_documents', 'ls_documents'],
    overlayRequestsPerMinute: 1_000_000,
    facilitatorToken: TOKEN,
    prices: [
      { method: 'POST', path: '/v1/lookup', satoshis: LOOKUP },
      { method: 'POST', path: '/submit', satoshis: SUBMIT },
    ],
  });
  ({ wallet: funded } = await rig.gateway.openCaller(1_000_000));
}, 120_000);
afterAll(() => rig.close(), 60_000);

const [simple, x402] = [findDialect('brc-121'), findDialect('x402')];
const question = (documentId: string): RawRequest => ({
  method: 'POST',
  url: '/lookup',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ service: 'ls_documents', query: { documentId } }),
});
const payTo = (dialect: Dialect, terms: Terms): Promise<Payment> => payFrom(funded, dialect, terms);
const claims = (): Promise<Record<string, unknown>[]> =>
  rig.gateway.database.owner.query(
    `select c.satoshis::int, c.organisation, q.payer, c.transition_id is not null as committed from portcullis.payment_claim c
     join portcullis.payment_quote q on q.prefix = c.prefix order by c.created_at desc`,
  );

describe('the published client of x402 (@x402/fetch)', () => {
  const payingFetch = wrapFetchWithPayment(
    fetch,
    x402Client.fromConfig({
      schemes: [{ network: NETWORK, client: openScheme(() => funded) }],
      spendControls: { allowedAssets: [{ network: NETWORK, asset: 'BSV', maxAmountPerPayment: '100' }] },
    }),
  );

  it('pays for a lookup by itself, once, and its wallet may ask what became of it', async () => {
    const { method, url, headers = {}, body = '' } = question('X402');
    const before = await claims();
    const answer = await payingFetch(`${rig.url}${url}`, { method, headers: { ...headers }, body: String(body) });
    expect([answer.status, await answer.json()]).toEqual([200, { type: 'output-list', outputs: [] }]);
    const settled = decodePaymentResponseHeader(answer.headers.get('payment-response') ?? '');
    const { transaction } = settled;
    expect(settled).toEqual({ success: true, payer: funded.identityKey, transaction, network: NETWORK });
    expect(answer.headers.get('x-bsv-payment-satoshis-paid')).toBe(String(LOOKUP));
    const taken = { satoshis: LOOKUP, organisation: 'public', payer: funded.identityKey, committed: false };
    expect(await claims()).toEqual([taken, ...before]);
    const caller = await RawCaller.open(rig.url, funded);
    const found = await caller.send({ method: 'GET', url: `/v1/payments/${transaction}.0` });
    expect(JSON.parse(found.body.toString())).toMatchObject({ state: 'claimed', payment: { satoshis: LOOKUP } });
    const other = await RawCaller.open(rig.url, new DevWallet());
    expect((await other.send({ method: 'GET', url: `/v1/payments/${transaction}.0` })).status).toBe(404);
  });

  it('reads the challenge as the specification has it', async () => {
    const asked = await sendHttp(rig.url, question('CHALLENGE'));
    const required = JSON.parse(
      Buffer.from(asked.headers.get('payment-required') ?? '', 'base64').toString(),
    ) as object;
    expect(required).toEqual({
      x402Version: 2,
      error: `This request costs ${LOOKUP} satoshis.`,
      resource: { url: `${rig.url}/lookup` },
      accepts: [
        {
          ...{ scheme: 'exact', network: NETWORK, amount: String(LOOKUP), asset: 'BSV', maxTimeoutSeconds: 60 },
          ...{ payTo: asked.headers.get('x-bsv-server'), extra: {} },
        },
      ],
    });
  });

  it('is told in its own words why a payment is refused, and pays exactly', async () => {
    const request = question('EXACT');
    const terms = readTerms(x402, await sendHttp(rig.url, request));
    const more = await payTo(x402, { ...terms, satoshis: LOOKUP + 1 });
    const client = await openClient(rig.url, funded);
    const refused = await x402.send(client, request, { ...more, terms });
    expect([refused.status, refused.code]).toEqual([400, 'payment-inexact']);
    expect(decodePaymentResponseHeader(refused.headers.get('payment-response') ?? '')).toEqual({
      success: false,
      errorReason: 'invalid_exact_bsv_payload_amount_mismatch',
      payer: funded.identityKey,
      transaction: '',
      network: NETWORK,
    });
  });
});

describe('the facilitator, as HTTPFacilitatorClient of @x402/core asks it', () => {
  const open = (url: string, token = TOKEN): HTTPFacilitatorClient => {
    const headers = { authorization: `Bearer ${token}` };
    const createAuthHeaders = () => Promise.resolve({ verify: headers, settle: headers, supported: {} });
    return new HTTPFacilitatorClient({ url: `${url}/x402`, createAuthHeaders });
  };
  const requirementsOf = (payTo: string): PaymentRequirements => ({
    ...{ scheme: 'exact', network: NETWORK, amount: '25', asset: 'BSV', payTo, maxTimeoutSeconds: 60, extra: {} },
  });
  const orderFor = async (url: string): Promise<[PaymentPayload, PaymentRequirements]> => {
    const { signers } = await open(rig.url).getSupported();
    const requirements = requirementsOf(signers['bsv:*']?.[0] ?? '');
    const { payload } = await openScheme(() => funded).createPaymentPayload(2, requirements);
    return [{ x402Version: 2, resource: { url }, accepted: requirements, payload }, requirements];
  };

  it('says what it settles', async () => {
    const { kinds, extensions } = await open(rig.url).getSupported();
    expect([kinds, extensions]).toEqual([[{ x402Version: 2, scheme: 'exact', network: NETWORK }], []]);
  });

  it('verifies without taking, and settles once of many, at any replica', async () => {
    const order = await orderFor('https://shop.example/report');
    const before = await claims();
    expect(await open(rig.url).verify(...order)).toEqual({ isValid: true, payer: funded.identityKey });
    expect(await claims()).toEqual(before);
    const replica = await rig.gateway.openReplica();
    try {
      const answers = await Promise.all(
        [rig.url, replica.url, rig.url, replica.url].map((url) => open(url).settle(...order)),
      );
      expect(answers.filter(({ success }) => success)).toHaveLength(1);
      const refused = answers.filter(({ success }) => !success);
      for (const answer of refused)
        expect(answer).toMatchObject({ errorReason: 'duplicate_settlement', transaction: '' });
    } finally {
      await replica.app.close();
    }
    expect(await claims()).toHaveLength(before.length + 1);
  });

  it('settles nothing that paid for something here, and nothing here is paid by what it settled', async () => {
    const client = await openClient(rig.url, funded);
    const request = question('SETTLED');
    const terms = readTerms(x402, await sendHttp(rig.url, request));
    const [payload, requirements] = await orderFor('https://shop.example/one');
    expect(await open(rig.url).settle(payload, requirements)).toMatchObject({ success: true });
    const { transaction, derivationPrefix, derivationSuffix } = payload.payload as Record<string, string>;
    const reused: Payment = {
      ...{ payer: funded.identityKey, prefix: derivationPrefix!, suffix: derivationSuffix!, vout: 0 },
      terms: { ...terms, accepted: { ...requirements } },
      transaction: Buffer.from(transaction!, 'base64'),
    };
    expect(await x402.send(client, request, reused)).toMatchObject({ code: 'payment-already-spent' });
    const [other] = await orderFor('https://shop.example/two');
    const moved = { ...payload, resource: other.resource! };
    expect(await open(rig.url).settle(moved, requirements)).toMatchObject({ errorReason: 'duplicate_settlement' });
  });

  it('takes no order but of a server of the operator, and none that pays another or less than was asked', async () => {
    const [payload, requirements] = await orderFor('https://shop.example/none');
    await expect(open(rig.url, 'another token than that').settle(payload, requirements)).rejects.toThrow();
    const reasonOf = async (over: Partial<PaymentRequirements>): Promise<unknown> => {
      const asked = { ...requirements, ...over };
      const { success, errorReason } = await open(rig.url).settle({ ...payload, accepted: asked }, asked);
      return [success, errorReason];
    };
    expect(await reasonOf({ amount: '26' })).toEqual([false, 'invalid_exact_bsv_payload_amount_mismatch']);
    expect(await reasonOf({ payTo: funded.identityKey })).toEqual([
      false,
      'invalid_exact_bsv_payload_recipient_mismatch',
    ]);
    expect(await reasonOf({ network: 'bsv:mainnet' })).toEqual([false, 'invalid_payload']);
    const dearer = { ...requirements, amount: '26' };
    expect(await open(rig.url).settle(payload, dearer)).toMatchObject({ success: false });
  });
});

describe('a stranger with BRC-121', () => {
  it('submits to a topic that is sold, in the COMMIT that takes the payment, and stays nobody', async () => {
    const { beef } = await issueInvoice(funded, 'SOLD');
    const headers = { 'content-type': 'application/octet-stream', 'x-topics': '["tm_documents"]' };
    const request = { method: 'POST', url: '/submit', headers, body: beef };
    const asked = await sendHttp(rig.url, request);
    expect([asked.status, asked.headers.get('x-bsv-sats')]).toEqual([402, String(SUBMIT)]);
    const payment = await payTo(simple, readTerms(simple, asked));
    const client = await openClient(rig.url, funded);
    const paid = await simple.send(client, request, payment);
    expect([paid.status, paid.headers.get('x-bsv-payment-satoshis-paid')]).toEqual([200, String(SUBMIT)]);
    expect((await claims())[0]).toMatchObject({ satoshis: SUBMIT, committed: true, organisation: 'public' });
    const again = await simple.send(client, request, payment);
    expect([again.status, again.body.toString()]).toEqual([200, paid.body.toString()]);
    const owners = await rig.gateway.database.owner.query(
      'select organisation, identity_key from portcullis.transition',
    );
    expect(owners).toEqual([{ organisation: 'public', identity_key: `02${'00'.repeat(32)}` }]);
  });

  it('finds what is sold in the directory, and has nothing of it by another way', async () => {
    const listed = await rig.send('/listTopicManagers');
    expect(Object.keys(listed.json)).toEqual(expect.arrayContaining(['tm_documents', 'tm_ship']));
    const sync = { version: 1, since: 0 };
    const gasp = await rig.send('/requestSyncResponse', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-bsv-topic': 'tm_documents' },
      body: JSON.stringify(sync),
    });
    expect(gasp.status).toBe(401);
    expect((await rig.lookUp('ls_ship', {})).status).toBe(401);
  });

  it('pays what it was told, though the list says more by then', async () => {
    const request = question('DEARER');
    const terms = readTerms(simple, await sendHttp(rig.url, request));
    const prices = [
      { method: 'POST' as const, path: '/v1/lookup', satoshis: LOOKUP * 2 },
      { method: 'POST' as const, path: '/submit', satoshis: SUBMIT },
    ];
    const replica = await rig.gateway.openReplica({ prices });
    try {
      expect(readTerms(simple, await sendHttp(replica.url, request))).toEqual(terms);
      const client = await openClient(replica.url, funded);
      expect((await simple.send(client, request, await payTo(simple, terms))).status).toBe(200);
      expect(readTerms(simple, await sendHttp(replica.url, question('NEW'))).satoshis).toBe(LOOKUP * 2);
    } finally {
      await replica.app.close();
    }
  });
});

describe('a caller with a session', () => {
  it('has its payment back where its transaction concerns no topic', async () => {
    const session = findDialect('brc-105');
    const client = await openClient(rig.url, funded);
    const { tx = [] } = await funded.createAction({
      description: 'nothing of a topic',
      outputs: [{ satoshis: 7, lockingScript: funded.coinLockingScript.toHex(), outputDescription: 'a coin' }],
    });
    const headers = { 'content-type': 'application/octet-stream', 'x-bsv-topics': '["tm_documents"]' };
    const request = { method: 'POST', url: '/submit', headers, body: Uint8Array.from(tx) };
    const before = await claims();
    const asked = await session.send(client, request);
    const answer = await session.send(client, request, await payTo(session, readTerms(session, asked)));
    expect([answer.status, answer.headers.get('x-bsv-payment-satoshis-paid')]).toEqual([200, null]);
    expect(await claims()).toEqual(before);
    expect(readTerms(session, await session.send(client, request))).toEqual(readTerms(session, asked));
  });
});

describe('browsers', () => {
  it('may send a payment and read what it costs and what was taken', async () => {
    const preflight = await rig.send('/lookup', { method: 'OPTIONS' });
    for (const name of ['x-bsv-beef', 'x-bsv-time', 'payment-signature'])
      expect(preflight.headers.get('access-control-allow-headers')).toContain(name);
    const { status, headers } = await sendHttp(rig.url, question('BROWSER'));
    expect([status, headers.get('access-control-allow-origin')]).toEqual([402, '*']);
    for (const name of ['x-bsv-sats', 'x-bsv-server', 'payment-required', 'payment-response', 'x-bsv-payment-status'])
      expect(headers.get('access-control-expose-headers')).toContain(name);
  });
});

describe('a payment that does not fit', () => {
  it('is told by how much, and to come in the body', async () => {
    const request = question('LARGE');
    const headers = { ...request.headers, 'x-bsv-beef': 'A'.repeat(100_000) };
    const refused = await sendHttp(rig.url, { ...request, headers });
    expect([refused.status, refused.code]).toEqual([431, 'headers-too-large']);
    expect(refused.body.toString()).toMatch(/98304 bytes.*multipart\/form-data \(BRC-118\)/u);
  });

  it('comes in the body, two hundred kilobytes of it, with a session', async () => {
    const wallet = new DevWallet();
    const { tx = [] } = await funded.createAction({
      description: 'a coin with a large parent',
      outputs: [
        { satoshis: 5_000, lockingScript: wallet.coinLockingScript.toHex(), outputDescription: 'a coin' },
        { satoshis: 0, lockingScript: `006a4ef0490200${'00'.repeat(150_000)}`, outputDescription: 'ballast' },
      ],
    });
    wallet.addFunding(tx, 0);
    const multipart = findDialect('brc-118');
    const client = await openClient(rig.url, wallet);
    const request = question('MULTIPART');
    const asked = await multipart.send(client, request);
    expect(asked.headers.get('x-bsv-payment-transports')).toBe('header,multipart');
    const terms = readTerms(multipart, asked);
    const payment = await payFrom(wallet, multipart, terms);
    expect(payment.transaction.length).toBeGreaterThan(150_000);
    const served = await multipart.send(client, request, payment);
    expect([served.status, served.headers.get('x-bsv-payment-satoshis-paid')]).toEqual([200, String(LOOKUP)]);
  });
});
