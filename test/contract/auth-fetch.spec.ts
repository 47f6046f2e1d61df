import { AuthFetch } from '@bsv/sdk';
import { DevWallet } from '#testkit';
import { RawCaller, sendHttp } from './raw-caller';
import { type GatewayRig, openGateway } from './gateway-rig';

const codeOf = async (response: Response): Promise<string> => ((await response.json()) as { code: string }).code;

describe('unmodified AuthFetch', () => {
  let gateway: GatewayRig;
  let wallet: DevWallet;
  let client: AuthFetch;

  beforeAll(async () => {
    gateway = await openGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    wallet = new DevWallet();
    client = new AuthFetch(wallet);
  });
  const call = (path: string, config = {}): Promise<Response> => client.fetch(`${gateway.origin}${path}`, config);

  it('shakes hands, sends a signed GET and accepts the signed answer', async () => {
    const response = await call('/v1/identity?unused=%C3%A9');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      identityKey: wallet.identityKey,
      organisation: wallet.identityKey,
      gatewayIdentityKey: response.headers.get('x-bsv-auth-identity-key'),
    });
  });

  it('keeps its session for the next requests', async () => {
    await call('/v1/identity');
    await call('/v1/identity');
    const [row] = await gateway.database.owner.query<{ sessions: string }[]>(
      'select count(*) as sessions from portcullis.auth_session where identity_key = $1',
      [wallet.identityKey],
    );
    expect(row?.sessions).toBe('1');
  });

  it.each<[string, Record<string, string>, unknown, string]>([
    ['JSON text', { 'content-type': 'application/json' }, '{"a": 1.0, "b":[ ] }', '{"a": 1.0, "b":[ ] }'],
    ['JSON with a charset', { 'content-type': 'application/json; charset=utf-8' }, '{"é":1}', '{"é":1}'],
    ['an object', { 'content-type': 'application/json' }, { a: 1 }, '{"a":1}'],
    ['no JSON', { 'content-type': 'application/json' }, undefined, '{}'],
    ['octets', { 'content-type': 'application/octet-stream' }, 'héllo', 'héllo'],
    ['nothing', {}, undefined, ''],
    ['signed headers', { 'content-type': 'text/plain', 'x-bsv-zed': 'z', 'X-BSV-Alpha': 'é' }, 'text', 'text'],
  ])('posts %s', async (_what, headers, body, received) => {
    const response = await call('/v1/test/echo', { method: 'POST', headers, body });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ caller: wallet.identityKey, body: received });
  });

  it('sends typed arrays as the JSON that it makes of them, and that is what is covered', async () => {
    const headers = { 'content-type': 'application/octet-stream' };
    const response = await call('/v1/test/echo', { method: 'POST', headers, body: Uint8Array.of(7, 8) });
    expect(await response.json()).toMatchObject({ body: '{"0":7,"1":8}' });
  });

  it('gets an answer where a handler has none (A7)', async () => {
    expect((await call('/v1/test/empty')).status).toBe(200);
    const nothing = await call('/v1/test/nothing', { method: 'DELETE' });
    expect(nothing.status).toBe(200);
    expect(await nothing.text()).toBe('{}');
  });

  it('gets streams and redirects signed (A10)', async () => {
    const streamed = await call('/v1/test/stream');
    expect(await streamed.text()).toBe('one two');
    const caller = await RawCaller.open(gateway.origin, wallet);
    const redirect = await caller.send({ method: 'GET', url: '/v1/test/elsewhere' });
    expect(redirect.status).toBe(302);
    expect(await caller.isSignedForMe(redirect)).toBe(true);
  });

  it('gets refusals, faults and unknown routes as signed problems', async () => {
    const refused = await call('/v1/test/refused');
    expect([refused.status, await codeOf(refused)]).toEqual([422, 'topic-refused']);
    const fault = await call('/v1/test/fault');
    expect([fault.status, await codeOf(fault)]).toEqual([500, 'internal-fault']);
    const unknown = await call('/v1/no/such/route');
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, 'route-not-found']);
    const method = await call('/v1/identity', { method: 'DELETE' });
    expect([method.status, await codeOf(method)]).toEqual([405, 'method-not-allowed']);
  });

  it('opens a new session by itself when the old one has ended', async () => {
    await call('/v1/identity');
    await gateway.database.owner.query(
      "update portcullis.auth_session set created_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' where identity_key = $1",
      [wallet.identityKey],
    );
    const response = await call('/v1/identity');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ identityKey: wallet.identityKey });
  });

  it('runs many requests at once on one session', async () => {
    await call('/v1/identity');
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        call('/v1/test/echo', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: `${i}` }),
      ),
    );
    const bodies = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { body: string }).body));
    expect(bodies).toEqual(Array.from({ length: 12 }, (_, i) => `${i}`));
  });
});

describe('two replicas on one database', () => {
  it('serve one session, and one signed request once between them', async () => {
    const first = await openGateway();
    const second = await openGateway({ database: first.database });
    try {
      const caller = await RawCaller.open(first.origin, new DevWallet());
      const answer = await caller.at(second.origin).send({ method: 'GET', url: '/v1/identity' });
      expect(answer.status).toBe(200);
      expect(await caller.isSignedForMe(answer)).toBe(true);
      const signed = await caller.sign({
        method: 'POST',
        url: '/v1/test/echo',
        headers: { 'content-type': 'text/plain' },
        body: 'x',
      });
      const answers = await Promise.all([first, second, first, second].map(({ origin }) => sendHttp(origin, signed)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
      expect(first.served.length + second.served.length).toBe(1);
    } finally {
      await second.stop();
      await first.stop();
    }
  });

  it('refuse a session that has ended from that moment, however often they met it', async () => {
    const first = await openGateway();
    const second = await openGateway({ database: first.database });
    try {
      const caller = await RawCaller.open(first.origin, new DevWallet());
      const call = async ({ origin }: GatewayRig): Promise<unknown> => {
        const { status, code } = await caller.at(origin).send({ method: 'GET', url: '/v1/identity' });
        return [status, code];
      };
      for (const gateway of [first, second, first, second]) expect(await call(gateway)).toEqual([200, undefined]);
      await first.database.owner.query("update portcullis.auth_session set expires_at = now() - interval '1 second'");
      for (const gateway of [first, second]) expect(await call(gateway)).toEqual([401, 'auth-session-unknown']);
    } finally {
      await second.stop();
      await first.stop();
    }
  });
});

describe('an organisation of the configuration', () => {
  it('is the tenant of its identities', async () => {
    const wallet = new DevWallet();
    const gateway = await openGateway({ settings: { organisations: { acme: [wallet.identityKey] } } });
    try {
      const response = await new AuthFetch(wallet).fetch(`${gateway.origin}/v1/identity`);
      expect(await response.json()).toMatchObject({ identityKey: wallet.identityKey, organisation: 'acme' });
    } finally {
      await gateway.stop();
    }
  });
});
