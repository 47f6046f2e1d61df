import type { ServerResponse } from 'node:http';
import { waitUntil } from '#testkit';
import { SubmissionsRig } from '../submissions-rig';
import { Browser, type Page } from './browser';
import { LyingProvider, type Lie } from './lying-provider';
import { SECRET, codeOf, settingsFor } from './people-rig';

jest.setTimeout(60_000);

const past = (seconds: number): number => Math.floor(Date.now() / 1_000) - seconds;
/** At one path otherwise than it should, elsewhere as it should. */
const answerAt =
  (wanted: string, act: (response: ServerResponse) => void): NonNullable<Lie['answer']> =>
  (path, response) => {
    if (path === wanted) act(response);
    return path === wanted;
  };
const METADATA = '/.well-known/openid-configuration';

describe('a provider that lies', () => {
  let provider: LyingProvider;
  let rig: SubmissionsRig;

  beforeAll(async () => {
    provider = await LyingProvider.start();
    rig = await SubmissionsRig.open(settingsFor(provider.issuer));
  }, 120_000);
  afterAll(async () => {
    await rig.close();
    await provider.stop();
  }, 60_000);
  afterEach(() => {
    provider.lie = {};
  });

  const come = async (url = rig.url): Promise<Page> => {
    const browser = new Browser();
    const began = await browser.send(`${url}/people/login`);
    if (began.status !== 302) return began;
    return browser.send(provider.comeBack(began.headers.location!));
  };
  const expectNobody = async (lie: Lie, answer: readonly [number, string]): Promise<void> => {
    provider.lie = lie;
    const before = await rig.count('person_session');
    const page = await come();
    expect([page.status, codeOf(page)]).toEqual(answer);
    expect((page.headers['set-cookie'] ?? []).some((line) => line.startsWith('portcullis-session'))).toBe(false);
    expect(await rig.count('person_session')).toBe(before);
  };

  it('is believed while it does not, and is told the PKCE verifier of the challenge', async () => {
    expect((await come()).status).toBe(302);
    const token = provider.asked.filter(({ path }) => path === '/token').at(-1)!;
    expect(token.form.get('code_verifier')).toMatch(/^[A-Za-z0-9_-]{43}$/u);
    expect(token.form.get('grant_type')).toBe('authorization_code');
    expect(token.form.get('redirect_uri')).toBe(`${rig.url}/people/callback`);
  });

  it.each<[string, Lie]>([
    ['another nonce', { claims: { nonce: 'another' } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['another issuer', { claims: { iss: 'https://evil.example' } }],
    ['another audience', { claims: { aud: 'somebody-else' } }],
    ['several audiences and another authorized party', { claims: { aud: ['portcullis', 'b'], azp: 'b' } }],
    ['an end that is over', { claims: { iat: past(7_200), exp: past(3_600) } }],
    ['no end', { claims: { exp: undefined } }],
    ['no subject', { claims: { sub: undefined } }],
    ['a subject of blanks', { claims: { sub: ' ' } }],
    ['a subject that would break a name in two', { claims: { sub: 'eve\nowner' } }],
    ['a subject without an end', { claims: { sub: 'e'.repeat(300) } }],
    ['a signature by a key that it never published', { isForged: true }],
    ['no signature (alg none)', { isUnsigned: true }],
    ['a signature by the secret of the client (HS256)', { hmacKey: SECRET }],
    ['no token at all', { idToken: '' }],
    ['a token that is none', { idToken: 'a.b.c' }],
  ])('is not believed with %s', async (_name, lie) => {
    await expectNobody(lie, [403, 'login-refused']);
  });

  it.each<[string, unknown]>([
    ['a role as an object', { 'acme-operators': true }],
    ['no role', undefined],
    ['null', null],
    ['a list in a list', [['acme-operators']]],
    ['a name of every object', ['constructor', '__proto__', 'toString']],
    ['another spelling', ['Acme-Operators', ' acme-operators']],
  ])('gives nothing with %s', async (_name, roles) => {
    await expectNobody({ claims: { roles } }, [403, 'login-without-role']);
  });

  it.each<[string, NonNullable<Lie['answer']>]>([
    ['out of order', answerAt('/token', (response) => void response.writeHead(500).end())],
    ['endless', answerAt('/token', (response) => void response.end('x'.repeat(400_000)))],
    ['gone', answerAt('/token', (response) => void response.destroy())],
  ])('is told from a person who may not when it is %s', async (_name, answer) => {
    await expectNobody({ answer }, [503, 'login-unavailable']);
  });

  it('does not send us elsewhere: a redirect, and an endpoint on an origin that nobody configured', async () => {
    const elsewhere = await LyingProvider.start();
    try {
      const answer = answerAt('/token', (response) => {
        response.writeHead(307, { location: `${elsewhere.issuer}/token` }).end();
      });
      await expectNobody({ answer }, [403, 'login-refused']);
      const later = await rig.openReplica({ port: 0 });
      provider.lie = { metadata: { token_endpoint: `${elsewhere.issuer}/token` } };
      const page = await come(later.url);
      expect([page.status, codeOf(page)]).toEqual([503, 'login-unavailable']);
      await later.app.close();
      expect(elsewhere.asked).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  it('does not stand in for the one that is configured', async () => {
    const later = await rig.openReplica({ port: 0 });
    provider.lie = { metadata: { issuer: 'https://login.acme.example' } };
    const page = await come(later.url);
    expect([page.status, codeOf(page)]).toEqual([503, 'login-unavailable']);
    await later.app.close();
  });

  it('may be down at the start: the gateway serves, says so, and lets people in once it is back', async () => {
    provider.lie = { answer: answerAt(METADATA, (response) => void response.destroy()) };
    const later = await rig.openReplica({ port: 0 });
    const detailOf = async (): Promise<string> => {
      const health = (await (await fetch(`${later.url}/health/ready`)).json()) as {
        ready: boolean;
        checks: { people: { detail: string } };
      };
      expect(health.ready).toBe(true);
      return health.checks.people.detail;
    };
    expect(await detailOf()).toBe('the identity provider was not asked yet');
    const page = await come(later.url);
    expect([page.status, codeOf(page), page.headers['retry-after']]).toEqual([503, 'login-unavailable', '2']);
    // What was asked within a second is answered from memory.
    await expect(
      waitFor(detailOf, 'the identity provider does not answer; nobody can log in'),
    ).resolves.toBeUndefined();
    provider.lie = {};
    expect((await come(later.url)).status).toBe(302);
    await expect(waitFor(detailOf, 'the identity provider answers')).resolves.toBeUndefined();
    await later.app.close();
  });

  it('may be slow: a login has an end, and nobody else waits for it', async () => {
    provider.lie = { answer: (path) => path === '/token' };
    const startedAt = performance.now();
    const waiting = come();
    expect((await fetch(`${rig.url}/health/live`)).status).toBe(200);
    const page = await waiting;
    expect([page.status, codeOf(page)]).toEqual([503, 'login-unavailable']);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });
});

const waitFor = async (ask: () => Promise<string>, wanted: string): Promise<void> => {
  await waitUntil(wanted, async () => (await ask()) === wanted);
};
