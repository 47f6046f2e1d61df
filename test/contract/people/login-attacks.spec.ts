import { randomBytes } from 'node:crypto';
import { interceptStatements } from '#testkit';
import { Browser, type Page } from './browser';
import { PeopleRig, codeOf, logIn } from './people-rig';

jest.setTimeout(60_000);

const COOKIE = 'portcullis-session';
const isCallback = (location: string): boolean => location.includes('/people/callback');

describe('people who log in', () => {
  let rig: PeopleRig;

  beforeAll(async () => {
    rig = await PeopleRig.open();
  }, 120_000);
  afterAll(() => rig.close(), 60_000);

  const at = (path: string): string => `${rig.url}${path}`;

  describe('attacked from another site', () => {
    const forge = (browser: Browser, headers: Record<string, string>, path = '/v1/trust/changes') =>
      browser.send(at(path), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{}',
      });

    it.each<[string, Record<string, string>]>([
      ['another origin', { origin: 'https://evil.example', 'portcullis-request': '1' }],
      ['no origin at all', {}],
      ['no origin, with our header', { 'portcullis-request': '1' }],
      ['a hidden origin', { origin: 'null', 'portcullis-request': '1' }],
      ['another site', { 'sec-fetch-site': 'cross-site', 'portcullis-request': '1' }],
      ['a neighbour under the same domain', { 'sec-fetch-site': 'same-site', 'portcullis-request': '1' }],
      ['our origin without our header', { 'sec-fetch-site': 'same-origin' }],
    ])('change nothing by %s', async (_name, headers) => {
      const answer = await forge(await rig.logIn('olu'), headers);
      expect([answer.status, codeOf(answer)]).toEqual([403, 'person-origin-foreign']);
    });

    it('are not logged out either, and read nothing for it', async () => {
      const browser = await rig.logIn('olu');
      const out = await browser.send(at('/people/logout'), {
        method: 'POST',
        headers: { origin: 'https://evil.example' },
      });
      expect([out.status, codeOf(out)]).toEqual([403, 'person-origin-foreign']);
      const read = await browser.send(at('/v1/identity'), { headers: { 'sec-fetch-site': 'cross-site' } });
      expect([read.status, codeOf(read)]).toEqual([403, 'person-origin-foreign']);
      const mine = await browser.send(at('/v1/identity'), { headers: { 'sec-fetch-site': 'same-origin' } });
      expect([mine.status, mine.headers['access-control-allow-origin']]).toEqual([200, undefined]);
    });
  });

  describe('with a way back that is not theirs', () => {
    const callback = (query: string): string => at(`/people/callback?${query}`);
    const expectRefused = async (page: Promise<Page> | Page, status: number, code: string): Promise<void> => {
      const answer = await page;
      expect([answer.status, codeOf(answer)]).toEqual([status, code]);
      const given = (answer.headers['set-cookie'] ?? []).filter((line) => line.startsWith(COOKIE));
      expect(given).toEqual([]);
    };
    const goBack = async (browser: Browser, as = 'eve'): Promise<string> =>
      (await logIn(browser, rig.url, { as, until: isCallback })).headers.location!;

    it('are refused: another state, no state, two states', async () => {
      const browser = new Browser();
      const url = new URL(await goBack(browser));
      const state = url.searchParams.get('state')!;
      url.searchParams.set('state', 'another');
      await expectRefused(browser.send(url.href), 400, 'login-malformed');
      url.searchParams.delete('state');
      await expectRefused(browser.send(url.href), 400, 'login-malformed');
      await expectRefused(browser.send(`${url.href}&state=${state}&state=other`), 403, 'login-refused');
      await expectRefused(browser.send(callback('')), 400, 'login-malformed');
    });

    it('are refused where another browser began it (login CSRF), and without its PKCE verifier', async () => {
      const [attacker, victim] = [new Browser(), new Browser()];
      const location = await goBack(attacker, 'olu');
      await expectRefused(victim.send(location), 400, 'login-malformed');
      // The victim began one of its own.
      await goBack(victim);
      await expectRefused(victim.send(location), 400, 'login-malformed');
      // With the attacker's state in the query, the code of the victim would need the victim's verifier.
      const thief = new Browser();
      const [theirs, other] = [new URL(await goBack(thief, 'olu')), new URL(await goBack(new Browser()))];
      theirs.searchParams.set('code', other.searchParams.get('code')!);
      await expectRefused(thief.send(theirs.href), 403, 'login-refused');
    });

    it('are refused: a code that was used before', async () => {
      const browser = new Browser();
      const location = await goBack(browser);
      const kept = browser.jarOf(rig.url).get('portcullis-login')!;
      expect((await browser.send(location)).status).toBe(302);
      await expectRefused(browser.send(location), 400, 'login-malformed');
      browser.jarOf(rig.url).set('portcullis-login', kept);
      await expectRefused(browser.send(location), 403, 'login-refused');
    });

    it('are refused: a code that another client was given', async () => {
      const browser = new Browser();
      const url = new URL(await goBack(browser));
      const other = new Browser();
      const began = await other.send(at('/people/login'));
      const asked = new URL(began.headers.location!);
      asked.searchParams.set('client_id', 'another');
      const form = await other.go(asked.href);
      const back = await other.go(`${form.url}?as=olu`, isCallback);
      url.searchParams.set('code', new URL(back.headers.location!).searchParams.get('code')!);
      await expectRefused(browser.send(url.href), 403, 'login-refused');
    });

    it('are refused: the answer of another provider (RFC 9207), and one without an issuer', async () => {
      const browser = new Browser();
      const url = new URL(await goBack(browser));
      expect(url.searchParams.get('iss')).toBe(rig.provider.issuer);
      url.searchParams.set('iss', 'https://evil.example');
      await expectRefused(browser.send(url.href), 403, 'login-refused');
      url.searchParams.delete('iss');
      await expectRefused(browser.send(url.href), 403, 'login-refused');
    });

    it('are refused: a sealed state that was changed, or sealed by somebody else', async () => {
      const browser = new Browser();
      const location = await goBack(browser);
      const kept = browser.jarOf(rig.url).get('portcullis-login')!;
      const changed = `${kept.slice(0, 40)}${kept[40] === 'A' ? 'B' : 'A'}${kept.slice(41)}`;
      for (const value of [changed, 'x', randomBytes(200).toString('base64url'), 'A'.repeat(4_000)]) {
        browser.jarOf(rig.url).set('portcullis-login', value);
        await expectRefused(browser.send(location), 400, 'login-malformed');
      }
    });

    it('are told so when they say no over there', async () => {
      const browser = new Browser();
      const url = new URL(await goBack(browser));
      url.searchParams.delete('code');
      url.searchParams.set('error', 'access_denied');
      url.searchParams.set('error_description', '<b>no</b>');
      const page = await browser.send(url.href);
      await expectRefused(page, 403, 'login-refused');
      expect(page.text).not.toContain('<b>');
    });

    it('come back to another replica than they left from', async () => {
      const browser = new Browser();
      const url = new URL(await goBack(browser));
      // Behind one name both have one address, and the browser sends either what the other set.
      const other = await rig.gateway.openReplica({ port: 0, publicUrl: rig.url });
      browser.jarOf(other.url).set('portcullis-login', browser.jarOf(rig.url).get('portcullis-login')!);
      const page = await browser.send(`${other.url}/people/callback${url.search}`);
      expect([page.status, page.headers.location]).toEqual([302, '/people']);
      expect((await browser.send(`${other.url}/v1/identity`)).status).toBe(200);
      await other.app.close();
    });
  });

  it.each<[string, string, string]>([
    ['GET', '/v1/identity', 'auth-required'],
    ['GET', '/v1/nope', 'auth-required'],
    ['POST', '/v1/submissions', 'auth-required'],
    ['GET', '/people', ''],
    ['POST', '/people/logout', 'person-origin-foreign'],
  ])('a cookie that nobody here made asks nothing of the database: %s %s', async (method, path, code) => {
    const browser = new Browser();
    // In the form of a session, and of the length of one.
    browser.jarOf(rig.url).set(COOKIE, randomBytes(48).toString('base64url'));
    const asked: string[] = [];
    const end = interceptStatements((text, ask) => {
      if (text.includes('person_session')) asked.push(text);
      return ask();
    });
    try {
      const answer = await browser.send(at(path), {
        method,
        headers: method === 'POST' ? { origin: 'https://evil.example' } : {},
      });
      if (code !== '') expect(codeOf(answer)).toBe(code);
    } finally {
      end();
    }
    expect(asked).toEqual([]);
  });

  it('are refused on a route that needs a key before anybody asks who they are', async () => {
    const browser = await rig.logIn('eve');
    const asked: string[] = [];
    const end = interceptStatements((text, ask) => {
      if (text.includes('person_session')) asked.push(text);
      return ask();
    });
    try {
      const headers = { origin: rig.url, 'portcullis-request': '1' };
      const answer = await browser.send(at('/v1/submissions'), { method: 'POST', headers });
      expect(codeOf(answer)).toBe('identity-key-required');
    } finally {
      end();
    }
    expect(asked).toEqual([]);
  });
});
