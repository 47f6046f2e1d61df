import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createTestDatabase, type TestDatabase } from '#testkit';
import { createApplication } from '../../../src/application';
import { parseSettings, resolveConfig } from '../../../src/config';
import { SocketReader } from '../event-sockets-rig';
import { RawStream } from '../topic-events-rig';
import { Browser } from './browser';
import { LyingProvider } from './lying-provider';
import { TestAuthority, type MadeCertificate } from './make-certificates';
import { CLIENT, SECRET } from './people-rig';

jest.setTimeout(60_000);

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly json: Record<string, unknown>;
}

describe('machines with a client certificate', () => {
  let authority: TestAuthority;
  let stranger: TestAuthority;
  let server: MadeCertificate;
  let erp: MadeCertificate;
  let pinned: MadeCertificate;
  let revoked: MadeCertificate;
  let crl: string;
  let database: TestDatabase;
  let provider: LyingProvider;
  let app: Awaited<ReturnType<typeof createApplication>>;
  let url: string;

  const settings = (): Record<string, unknown> => ({
    ...{
      metricsPort: 0,
      identityKey: '11'.repeat(32),
      arcUrl: 'http://127.0.0.1:9/arc',
      role: 'api',
      logLevel: 'silent',
    },
    ...{ databaseUrl: database.url, organisations: { acme: [] } },
    ...{ tlsCert: server.certPath, tlsKey: server.keyPath, tlsClientCa: authority.caPath, tlsClientCrl: crl },
    ...{ oidcIssuer: provider.issuer, oidcClientId: CLIENT, oidcClientSecret: SECRET },
    oidcRoles: { 'acme-operators': { organisation: 'acme', roles: ['operator'] } },
    tlsClients: [
      { name: 'erp', san: 'URI:spiffe://acme/erp', organisation: 'acme', roles: ['connector', 'auditor'] },
      { name: 'pinned', fingerprint: pinned.fingerprint, organisation: 'acme', roles: ['operator'] },
      { name: 'lost', san: 'DNS:lost.acme.example', organisation: 'acme', roles: ['owner'] },
      { name: 'victim', san: 'DNS:victim', organisation: 'acme', roles: ['owner'] },
      { name: 'late', san: 'DNS:late', organisation: 'acme', roles: ['owner'] },
      { name: 'web', san: 'DNS:web', organisation: 'acme', roles: ['owner'] },
    ],
  });

  beforeAll(async () => {
    authority = await TestAuthority.create('Acme machines');
    stranger = await TestAuthority.create('Acme machines');
    server = await authority.issue({ san: ['IP:127.0.0.1'], usage: 'serverAuth' });
    erp = await authority.issue({ san: ['URI:spiffe://acme/erp', 'DNS:erp.acme.example'] });
    pinned = await authority.issue();
    revoked = await authority.issue({ san: ['DNS:lost.acme.example'] });
    crl = await authority.revoke(revoked);
    database = await createTestDatabase();
    provider = await LyingProvider.start();
    app = await createApplication(resolveConfig(parseSettings(settings())));
    await app.listen(0, '127.0.0.1');
    url = `https://127.0.0.1:${String((app.getHttpServer().address() as AddressInfo).port)}`;
  }, 120_000);
  afterAll(async () => {
    await app.close();
    await provider.stop();
    await database.drop();
    authority.remove();
    stranger.remove();
  }, 60_000);

  interface Sent {
    readonly path?: string;
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  }
  const ask = (
    shown: MadeCertificate | undefined,
    { path = '/v1/identity', method = 'GET', headers = {}, body }: Sent = {},
  ) =>
    new Promise<Answer>((resolve, reject) => {
      const shows = shown === undefined ? {} : { cert: shown.cert, key: shown.key };
      const request = requestHttps(
        `${url}${path}`,
        { method, headers, ca: authority.ca, agent: false, ...shows },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, json });
          });
        },
      );
      request.on('error', reject).end(body);
    });
  const expectNobody = async (shown: MadeCertificate | undefined, sent?: Sent): Promise<void> => {
    const { status, json } = await ask(shown, sent);
    expect([status, json['code']]).toEqual([401, 'auth-required']);
  };

  it('are known by a name in it, or by its fingerprint, and are what the configuration says', async () => {
    expect((await ask(erp)).json).toMatchObject({
      ...{ identityKey: null, kind: 'machine', name: 'erp', organisation: 'acme', roles: ['connector', 'auditor'] },
    });
    expect((await ask(pinned)).json).toMatchObject({ kind: 'machine', name: 'pinned', roles: ['operator'] });
  });

  it('are held to their roles, and have no key', async () => {
    const body = JSON.stringify({ kind: 'pin', gateway: `02${'ab'.repeat(32)}`, organisation: 'globex' });
    const sent = { path: '/v1/trust/changes', method: 'POST', headers: { 'content-type': 'application/json' }, body };
    expect((await ask(erp, sent)).json['code']).toBe('policy-denied');
    expect((await ask(pinned, sent)).status).toBe(201);
    expect(await database.owner.query('select proposed_by from portcullis.trust_change')).toEqual([
      { proposed_by: 'machine:pinned' },
    ]);
    expect((await ask(pinned, { ...sent, path: '/v1/submissions' })).json['code']).toBe('identity-key-required');
  });

  it.each<[string, () => Promise<MadeCertificate | undefined>]>([
    ['no certificate', () => Promise.resolve(undefined)],
    ['one that nobody listed', () => authority.issue({ san: ['DNS:other.acme.example'] })],
    ['one of another authority that calls itself the same', () => stranger.issue({ san: ['URI:spiffe://acme/erp'] })],
    ['one that is over', () => authority.issue({ san: ['DNS:late'], isExpired: true })],
    ['one for servers', () => authority.issue({ san: ['DNS:web'], usage: 'serverAuth' })],
    ['one that is revoked', () => Promise.resolve(revoked)],
    ['a name that begins the same', () => authority.issue({ san: ['URI:spiffe://acme/erp2'] })],
    ['a name of another kind', () => authority.issue({ san: ['DNS:spiffe//acme/erp'] })],
    ['two names of two machines', () => authority.issue({ san: ['DNS:web', 'DNS:late'] })],
  ])('are nobody with %s', async (_name, make) => {
    await expectNobody(await make());
  });

  it('are nobody with a name that holds another one', async () => {
    await expectNobody(await authority.issue({ san: ['URI:x:a, DNS:victim, b'] }));
  });

  it('are not believed for what a header says of them', async () => {
    const pem = encodeURIComponent(erp.cert);
    for (const name of ['x-forwarded-client-cert', 'x-client-cert', 'ssl-client-cert', 'x-ssl-client-verify'])
      await expectNobody(undefined, { headers: { [name]: name.endsWith('verify') ? 'SUCCESS' : pem } });
  });

  it('change nothing for a page of another site that a browser with the certificate has open', async () => {
    const forged: Record<string, string>[] = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }];
    for (const headers of forged) {
      const { json } = await ask(pinned, { path: '/v1/trust/changes', method: 'POST', headers, body: '{}' });
      expect(json['code']).toBe('person-origin-foreign');
    }
  });

  it('may sign all the same: whoever says so is judged by the signature alone', async () => {
    const { status, json } = await ask(erp, { headers: { 'x-bsv-auth-version': '0.1' } });
    expect([status, json['code']]).toEqual([401, 'auth-malformed']);
  });

  it('read events over a WebSocket and as a stream, until the certificate of the connection ends', async () => {
    const path = `${url}/v1/topics/tm_documents/events`;
    const open = (shown: MadeCertificate, headers: Record<string, string> = {}) =>
      SocketReader.open(path, { ca: authority.ca, cert: shown.cert, key: shown.key, headers });
    expect((await open(revoked)).refusal).toMatchObject({ status: 401, code: 'auth-required' });
    // A browser that has the certificate, on a page of somebody else.
    expect((await open(erp, { origin: 'https://evil.example' })).refusal).toMatchObject({
      code: 'person-origin-foreign',
    });
    const [socket, stream] = [
      await open(erp),
      await RawStream.connect(path, { ca: authority.ca, cert: erp.cert, key: erp.key }),
    ];
    await Promise.all([socket.waitReady(), stream.waitReady()]);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 6 * 86_400_000);
    try {
      await Promise.all([once(socket.socket, 'close'), once(stream.message, 'end')]);
    } finally {
      clock.mockRestore();
    }
    expect(socket.closed).toEqual({ code: 1008, reason: 'the certificate is over' });
    expect(stream.text).toMatch(/: the certificate is over\n\n$/u);
  });

  it('are nobody any more when it ends while the connection lasts', async () => {
    const later = Date.now() + 6 * 86_400_000;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(later);
    try {
      await expectNobody(erp);
    } finally {
      clock.mockRestore();
    }
  });

  it('share the door with people, whose cookies are for https and this very host alone', async () => {
    const browser = new Browser(authority.ca);
    const began = await browser.send(`${url}/people/login`);
    expect(began.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-portcullis-login=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/u),
    ]);
    const done = await browser.send(provider.comeBack(began.headers.location!));
    expect(done.headers['set-cookie']).toContainEqual(
      expect.stringMatching(
        /^__Host-portcullis-session=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=28800; Secure$/u,
      ),
    );
    expect(JSON.parse((await browser.send(`${url}/v1/identity`)).text)).toMatchObject({
      kind: 'person',
      roles: ['operator'],
    });
    // One that a neighbour could have put there, and two of a name, are none.
    const token = browser.jarOf(url).get('__Host-portcullis-session') ?? '';
    await expectNobody(undefined, { headers: { cookie: `portcullis-session=${token}` } });
    const twice = [token, 'A'.repeat(43)].map((value) => `__Host-portcullis-session=${value}`).join('; ');
    await expectNobody(undefined, { headers: { cookie: twice } });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a key without a certificate', { tlsCert: undefined }, /^TLS needs both/u],
    [
      'machines without an authority',
      { tlsClientCa: undefined, tlsClientCrl: undefined },
      /^Nobody says which client/u,
    ],
    ['an authority without TLS', { tlsCert: undefined, tlsKey: undefined }, /over TLS only/u],
    [
      'a machine of an unknown organisation',
      { organisations: { globex: [] } },
      /that PORTCULLIS_ORGANISATIONS does not/u,
    ],
    [
      'a machine twice',
      { tlsClients: [1, 2].map(() => ({ name: 'a', san: 'DNS:a', organisation: 'acme', roles: ['owner'] })) },
      /must not use a name twice/u,
    ],
  ])('are refused at the start with %s', (_name, over, sentence) => {
    expect(() => resolveConfig(parseSettings({ ...settings(), ...over }))).toThrow(sentence);
  });

  it.each<[string, () => Record<string, unknown>, RegExp]>([
    [
      'a file that is not there',
      () => ({ tlsClientCa: '/none/ca.pem' }),
      /^PORTCULLIS_TLS_CLIENT_CA: \/none\/ca\.pem cannot be read/u,
    ],
    ['a key of another certificate', () => ({ tlsKey: erp.keyPath }), /no certificate and key that fit/u],
  ])('are refused when the door is built with %s', async (_name, over, sentence) => {
    await expect(createApplication(resolveConfig(parseSettings({ ...settings(), ...over() })))).rejects.toThrow(
      sentence,
    );
  });
});
