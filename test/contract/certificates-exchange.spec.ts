import { AuthFetch } from '@bsv/sdk';
import { limits } from '#atomic-core';
import { CertificateWallet, TestCertifier } from '#testkit';
import {
  TYPE,
  certifier,
  exchange,
  fields,
  gatewayKey,
  jsonOf,
  list,
  listViolations,
  makeHolder,
  openCertificates,
  post,
  writeExchange,
} from './certificates-rig';
import type { GatewayRig } from './gateway-rig';
import { RawCaller, echoRequest, sendAuthMessage, writeInitialRequest } from './raw-caller';

/** The messages of BRC-103 about certificates. What AuthFetch makes of them is in certificates.spec.ts. */
let gateway: GatewayRig;

beforeAll(async () => {
  gateway = await openCertificates();
});
afterAll(async () => {
  const broken = await listViolations(gateway);
  await gateway.stop();
  expect(broken).toEqual([]);
});

const requested = { certifiers: [certifier.identityKey], types: { [TYPE]: ['name', 'role'] } };

describe('the handshake', () => {
  it('asks for what the configuration names and nothing else', async () => {
    const answer = await sendAuthMessage(gateway.origin, writeInitialRequest(new CertificateWallet().identityKey));
    expect(jsonOf(answer)).toMatchObject({ messageType: 'initialResponse', requestedCertificates: requested });
    expect(jsonOf(answer)['requestedCertificates']).toEqual(requested);
  });

  it('that asks for certificates of the gateway is answered like any other', async () => {
    const message = writeInitialRequest(new CertificateWallet().identityKey) as Record<string, unknown>;
    const answer = await sendAuthMessage(gateway.origin, { ...message, requestedCertificates: requested });
    expect(answer.status).toBe(200);
  });
});

describe('a certificateResponse', () => {
  it('is verified, kept and answered at once', async () => {
    const { wallet, held, shown } = await makeHolder();
    const caller = await RawCaller.open(gateway.origin, wallet);
    const answer = await exchange(caller, wallet, [shown]);
    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toEqual({
      certificates: [{ serialNumber: held.serialNumber, outcome: 'presented' }],
    });
    expect(await list(caller, '?values=true')).toMatchObject([{ values: { name: 'Ann Ode', role: 'buyer' } }]);
  });

  it('brings nothing back that was erased; a request does', async () => {
    const { wallet, shown } = await makeHolder();
    const caller = await RawCaller.open(gateway.origin, wallet);
    expect(await exchange(caller, wallet, [shown])).toMatchObject({ status: 200 });
    await caller.send({ method: 'DELETE', url: '/v1/certificates' });
    expect(await exchange(caller, wallet, [shown])).toMatchObject({ status: 409, code: 'certificate-erased' });
    expect(await list(caller)).toMatchObject([{ state: 'erased' }]);
    expect((await post(caller, shown)).status).toBe(201);
    expect(await exchange(caller, wallet, [shown])).toMatchObject({ status: 200 });
    expect(await list(caller)).toMatchObject([{ state: 'held' }]);
  });

  it('judges each certificate for itself, and is refused where none is accepted', async () => {
    const { wallet, held, shown } = await makeHolder();
    const caller = await RawCaller.open(gateway.origin, wallet);
    const rogue = await new TestCertifier().issue(wallet.identityKey, { type: TYPE, fields });
    const shownRogue = await wallet.show(rogue, gatewayKey, ['name', 'role']);
    expect(jsonOf(await exchange(caller, wallet, [shownRogue, shown, shownRogue]))).toMatchObject({
      certificates: [
        { code: 'certificate-untrusted' },
        { serialNumber: held.serialNumber, outcome: 'presented' },
        { code: 'certificate-untrusted' },
      ],
    });
    expect(await exchange(caller, wallet, [shownRogue])).toMatchObject({ status: 403, code: 'certificate-untrusted' });
    expect(jsonOf(await exchange(caller, wallet, []))).toEqual({ certificates: [] });
  });

  it('is taken once: a second copy is a replay, also at another replica', async () => {
    const second = await openCertificates({ database: gateway.database });
    try {
      const { wallet, shown } = await makeHolder();
      const caller = await RawCaller.open(gateway.origin, wallet);
      const message = await writeExchange(caller, wallet, { certificates: [shown] });
      expect(await sendAuthMessage(gateway.origin, message)).toMatchObject({ status: 200 });
      for (const origin of [gateway.origin, second.origin])
        expect(await sendAuthMessage(origin, message)).toMatchObject({ status: 401, code: 'auth-replayed' });
    } finally {
      await second.stop();
    }
  });

  it('counts only as the identity of its session signed it', async () => {
    const { wallet, shown } = await makeHolder();
    const thief = new CertificateWallet();
    const caller = await RawCaller.open(gateway.origin, wallet);
    const another = await RawCaller.open(gateway.origin, thief);
    const content = { certificates: [shown] };
    const cases: readonly [Record<string, unknown>, string][] = [
      [await writeExchange(caller, wallet, content, { certificates: [] }), 'auth-signature-invalid'],
      [await writeExchange(caller, thief, content), 'auth-signature-invalid'],
      [await writeExchange(another, thief, content, { identityKey: wallet.identityKey }), 'auth-identity-mismatch'],
      [await writeExchange(caller, wallet, content, { yourNonce: another.sessionNonce }), 'auth-identity-mismatch'],
      [
        await writeExchange(caller, wallet, content, { yourNonce: Buffer.alloc(48).toString('base64') }),
        'auth-session-unknown',
      ],
      [await writeExchange(caller, wallet, content, { nonce: 'AAAA' }), 'auth-malformed'],
      [await writeExchange(caller, wallet, content, { signature: [256] }), 'auth-malformed'],
      [await writeExchange(caller, wallet, content, { signature: Array(73).fill(1) }), 'auth-malformed'],
      [await writeExchange(caller, wallet, content, { certificates: {} }), 'auth-malformed'],
    ];
    for (const [message, code] of cases)
      expect([code, await sendAuthMessage(gateway.origin, message)]).toMatchObject([code, { status: 401, code }]);
    // His own session, his own signature, and the certificate of another.
    expect(await exchange(another, thief, [shown])).toMatchObject({ status: 403, code: 'certificate-foreign' });
    expect(await list(caller)).toEqual([]);
  });

  it.each<[string, (shown: Record<string, unknown>) => unknown[], number, string]>([
    ['10,000 names', (shown) => [{ ...shown, fields: named(9_000) }], 400, 'certificate-malformed'],
    ['a huge field', (shown) => [{ ...shown, fields: { name: 'A'.repeat(100_000) } }], 400, 'certificate-malformed'],
    [
      'more than a message holds',
      (shown) => [{ ...shown, fields: { name: 'A'.repeat(140_000) } }],
      413,
      'body-too-large',
    ],
    [
      'more certificates than a message has',
      (shown) => Array(limits.CERTIFICATES_MAX + 1).fill(shown),
      400,
      'certificate-malformed',
    ],
    [
      'the name __proto__',
      (shown) => [{ ...shown, fields: JSON.parse('{"__proto__":"AAAA"}') }],
      401,
      'auth-malformed',
    ],
    ['the name constructor', (shown) => [{ ...shown, fields: { constructor: 'AAAA' } }], 401, 'auth-malformed'],
    ['nesting', () => [JSON.parse('['.repeat(2_000) + ']'.repeat(2_000))], 401, 'auth-malformed'],
    ['nothing that is a certificate', () => [null, 7, 'x', []], 400, 'certificate-malformed'],
  ])('with %s is refused', async (_what, write, status, code) => {
    const { wallet, shown } = await makeHolder();
    const caller = await RawCaller.open(gateway.origin, wallet);
    expect(await exchange(caller, wallet, write(shown))).toMatchObject({ status, code });
  });
});

/** As many names as fit into a message: a comma each, and fewer members than a body may have. */
const named = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`f${place}`, 'A']));

describe('a certificateRequest', () => {
  it('is answered at once: this gateway has none of its own, and says so under its signature', async () => {
    const client = new AuthFetch(new CertificateWallet());
    // Unmodified: it waits for a message whose signature and nonce it verifies.
    await expect(client.sendCertificateRequest(gateway.origin, requested)).resolves.toEqual([]);
  });

  it('has to be signed, and is taken once', async () => {
    const wallet = new CertificateWallet();
    const caller = await RawCaller.open(gateway.origin, wallet);
    const message = await writeExchange(caller, wallet, { requestedCertificates: requested });
    const altered = { ...message, requestedCertificates: { certifiers: [], types: {} } };
    expect(await sendAuthMessage(gateway.origin, altered)).toMatchObject({ code: 'auth-signature-invalid' });
    expect(await sendAuthMessage(gateway.origin, message)).toMatchObject({ status: 200 });
    expect(await sendAuthMessage(gateway.origin, message)).toMatchObject({ code: 'auth-replayed' });
  });
});

it('a request whose caller has shown nothing is answered at once', async () => {
  const caller = await RawCaller.open(gateway.origin, new CertificateWallet());
  expect(await caller.send(echoRequest)).toMatchObject({ status: 200 });
});

describe('a message that is no exchange of certificates', () => {
  it.each<[string | undefined, number, string]>([
    ['certificateRequest', 401, 'auth-malformed'],
    ['certificateResponse', 401, 'auth-malformed'],
    ['general', 400, 'auth-message-unexpected'],
    ['initialResponse', 400, 'auth-message-unexpected'],
    ['nonsense', 400, 'auth-message-unexpected'],
    [undefined, 400, 'auth-message-unexpected'],
  ])('of type %s and unsigned is answered at once', async (messageType, status, code) => {
    expect(await sendAuthMessage(gateway.origin, { version: '0.1', messageType })).toMatchObject({ status, code });
  });
});
