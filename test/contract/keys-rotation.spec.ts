import { AuthFetch, PrivateKey, ProtoWallet } from '@bsv/sdk';
import { createTestDatabase, waitUntil, type TestDatabase } from '#testkit';
import { makeHolder, openCertificates } from './certificates-rig';
import { GATEWAY_PRIVATE_KEY, type GatewayRig } from './gateway-rig';
import { RawCaller, sendHttp } from './raw-caller';

const NEXT_PRIVATE_KEY = '22'.repeat(32);
const identityOf = (privateKey: string): string => PrivateKey.fromHex(privateKey).toPublicKey().toString();
const [OLD, NEXT] = [identityOf(GATEWAY_PRIVATE_KEY), identityOf(NEXT_PRIVATE_KEY)];

interface Visitor {
  readonly client: AuthFetch;
  readonly wallet: Awaited<ReturnType<typeof makeHolder>>['wallet'];
  readonly shown: unknown;
}

/** The time of all of this: the gateway asks `Date.now` and nobody else for the times of its keys. */
let nowMs: number;
let startMs: number;
let database: TestDatabase;
let gateway: GatewayRig;
const HOUR_MS = 3_600_000;

/** At the same place as before: nothing but the database and the keys goes over a restart. */
const start = async (identityKey: string): Promise<void> => {
  const port = (gateway as GatewayRig | undefined) === undefined ? 0 : Number(new URL(gateway.origin).port);
  gateway = await openCertificates({ database, port, settings: { identityKey, sessionTtlMs: 12 * HOUR_MS } });
};
const restart = async (identityKey: string): Promise<void> => {
  await gateway.stop();
  await start(identityKey);
};
const ring = (untilMs: number): string =>
  JSON.stringify([
    { key: GATEWAY_PRIVATE_KEY, until: new Date(untilMs).toISOString() },
    { key: NEXT_PRIVATE_KEY, from: new Date(startMs).toISOString() },
  ]);

const visit = async (): Promise<Visitor> => {
  const { wallet, shown } = await makeHolder();
  // What it holds it shows when a test says so. `AuthFetch` would show it by itself in the handshake, before or after that.
  wallet.listCertificates = () => Promise.resolve({ totalCertificates: 0, certificates: [] });
  return { client: new AuthFetch(wallet), wallet, shown };
};
/** What the client got, and who signed it: `AuthFetch` verified that, or would have thrown. */
const call = async ({ client }: Visitor, path = '/v1/identity', config: object = {}) => {
  const response = await client.fetch(`${gateway.origin}${path}`, config);
  return {
    status: response.status,
    signer: response.headers.get('x-bsv-auth-identity-key'),
    json: (await response.json()) as Record<string, unknown>,
  };
};
const openRaw = (): Promise<RawCaller> => RawCaller.open(gateway.origin, new ProtoWallet(PrivateKey.fromRandom()));
/** As `caller`, in the session of another. */
const withSession = (
  caller: RawCaller,
  { sessionNonce, gatewayKey }: Pick<RawCaller, 'sessionNonce' | 'gatewayKey'>,
): RawCaller =>
  Object.assign(Object.create(Object.getPrototypeOf(caller) as object) as RawCaller, caller, {
    sessionNonce,
    gatewayKey,
  });
const present = (visitor: Visitor) =>
  call(visitor, '/v1/certificates', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(visitor.shown),
  });
const showValues = async (visitor: Visitor): Promise<unknown> =>
  ((await call(visitor, '/v1/certificates?values=true')).json['certificates'] as { values: unknown }[])[0]?.values;
const countWrappedBy = async (identityKey: string): Promise<number> => {
  const [row] = await database.owner.query<{ count: number }[]>(
    'select count(*)::int as count from portcullis.subject_key where wrapped_by = $1',
    [identityKey],
  );
  return row?.count ?? -1;
};

beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(() => database.drop());
beforeEach(async () => {
  nowMs = Date.now();
  startMs = nowMs + HOUR_MS;
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
  await start(GATEWAY_PRIVATE_KEY);
});
afterEach(async () => {
  await gateway.stop();
  jest.restoreAllMocks();
  await database.owner.query('delete from portcullis.certificate; delete from portcullis.subject_key');
});

describe('a change of keys, for unmodified AuthFetch', () => {
  it('leaves open sessions what they are over the restart and the start of the new key, until the end of the old one', async () => {
    const early = await visit();
    expect(await call(early)).toMatchObject({ status: 200, signer: OLD });
    await restart(ring(startMs + HOUR_MS));
    expect(await call(early)).toMatchObject({ status: 200, signer: OLD, json: { gatewayIdentityKey: OLD } });
    nowMs = startMs;
    const late = await visit();
    expect(await call(early)).toMatchObject({ status: 200, signer: OLD, json: { gatewayIdentityKey: NEXT } });
    expect(await call(late)).toMatchObject({ status: 200, signer: NEXT });
    await restart(ring(startMs + HOUR_MS));
    nowMs = startMs + HOUR_MS - 1;
    expect(await call(early)).toMatchObject({ status: 200, signer: OLD });
    expect(await call(late)).toMatchObject({ status: 200, signer: NEXT });
  });

  it('ends the old sessions with the old key, and the client opens another by itself', async () => {
    const early = await visit();
    const raw = await RawCaller.open(gateway.origin, new ProtoWallet(PrivateKey.fromRandom()));
    expect(await call(early)).toMatchObject({ signer: OLD });
    await restart(ring(startMs + HOUR_MS));
    expect(await call(early)).toMatchObject({ signer: OLD });
    expect((await raw.send({ method: 'GET', url: '/v1/identity' })).status).toBe(200);
    nowMs = startMs + HOUR_MS;
    expect((await raw.send({ method: 'GET', url: '/v1/identity' })).code).toBe('auth-session-unknown');
    expect(await call(early)).toMatchObject({ status: 200, signer: NEXT, json: { gatewayIdentityKey: NEXT } });
    expect(await call(early)).toMatchObject({ status: 200, signer: NEXT });
  });

  it('leaves a session nonce whose it is, and nobody makes one that looks like it, until the old key ends', async () => {
    const asked = { method: 'GET', url: '/v1/identity' } as const;
    const ask = (caller: RawCaller) => caller.send(asked);
    const [early, other] = [await openRaw(), await openRaw()];
    await restart(ring(startMs + HOUR_MS));
    nowMs = startMs;
    const late = await openRaw();
    expect([late.gatewayKey, early.gatewayKey]).toEqual([NEXT, OLD]);
    for (const caller of [early, other, late]) expect((await ask(caller)).status).toBe(200);
    // The MAC of the old key still binds it to one identity: signed by another of the old time, or of the new.
    for (const thief of [other, late])
      expect((await ask(withSession(thief, early))).code).toBe('auth-identity-mismatch');
    const forged = Buffer.from(early.sessionNonce, 'base64');
    forged[20]! ^= 1;
    const unknown = withSession(early, { sessionNonce: forged.toString('base64'), gatewayKey: OLD });
    expect((await ask(unknown)).code).toBe('auth-session-unknown');
    const signedBefore = await early.sign(asked);
    nowMs = startMs + HOUR_MS;
    // Also with the row of the session in the database, and a signature from before.
    expect((await sendHttp(gateway.origin, signedBefore)).code).toBe('auth-session-unknown');
    for (const caller of [early, withSession(other, early)])
      expect((await ask(caller)).code).toBe('auth-session-unknown');
    expect((await ask(late)).status).toBe(200);
    const [row] = await database.owner.query<{ lasts: boolean }[]>(
      `select expires_at > now() as lasts from portcullis.auth_session where session_nonce = $1`,
      [early.sessionNonce],
    );
    expect(row?.lasts).toBe(true);
  });

  it('loses nothing that was disclosed under the old key, wherever it was disclosed in the overlap', async () => {
    const values = { name: 'Ann Ode', role: 'buyer' };
    const early = await visit();
    expect((await present(early)).status).toBe(201);
    expect(await showValues(early)).toEqual(values);
    await restart(ring(startMs + HOUR_MS));
    expect(await showValues(early)).toEqual(values);
    expect(await countWrappedBy(OLD)).toBe(1);
    nowMs = startMs;
    // Encrypted for the old key by a client that has not heard of the new one, in a session under the new one.
    const late = await visit();
    expect((await present(late)).status).toBe(201);
    expect(await showValues(late)).toEqual(values);
    await restart(ring(startMs + HOUR_MS));
    await waitUntil('all keys of subjects are wrapped again', async () => (await countWrappedBy(NEXT)) === 2);
    nowMs = startMs + HOUR_MS;
    expect(await showValues(early)).toEqual(values);
    expect(await showValues(late)).toEqual(values);
    await restart(JSON.stringify([{ key: NEXT_PRIVATE_KEY }]));
    expect(await showValues(early)).toEqual(values);
  });

  it('takes no certificate message for the old key once it has ended', async () => {
    await restart(ring(startMs + HOUR_MS));
    nowMs = startMs + HOUR_MS;
    expect((await present(await visit())).json).toMatchObject({ code: 'certificate-undecryptable' });
  });

  it('makes strangers of the sessions of a key that is simply replaced', async () => {
    const early = await visit();
    expect(await call(early)).toMatchObject({ signer: OLD });
    await restart(NEXT_PRIVATE_KEY);
    expect(await call(early)).toMatchObject({ status: 200, signer: NEXT });
  });
});
