import { randomBytes } from 'node:crypto';
import { waitUntil } from '#testkit';
import { SocketReader } from '../event-sockets-rig';
import { RawStream } from '../topic-events-rig';
import { Browser, type Page } from './browser';
import { PeopleRig, codeOf, logIn } from './people-rig';

jest.setTimeout(60_000);

const jsonOf = ({ text }: Page): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
const isCallback = (location: string): boolean => location.includes('/people/callback');

describe('people who log in', () => {
  let rig: PeopleRig;

  beforeAll(async () => {
    rig = await PeopleRig.open();
  }, 120_000);
  afterAll(() => rig.close(), 60_000);

  const COOKIE = 'portcullis-session';
  const at = (path: string, url = rig.url): string => `${url}${path}`;
  const tokenOf = (browser: Browser, url = rig.url): string => browser.jarOf(url).get(COOKIE) ?? '';
  /** What a script of our own pages sends. */
  const own = (url = rig.url) => ({ origin: url, 'portcullis-request': '1', 'content-type': 'application/json' });

  it('go to the provider and come back with who they are, and what they may open', async () => {
    const browser = new Browser();
    expect((await browser.send(at('/people'))).text).toContain('You are not logged in');
    const page = await logIn(browser, rig.url, { as: 'eve' });
    expect([page.status, page.url]).toEqual([200, at('/people')]);
    expect(page.text).toContain('Eve Auditor');
    expect(page.text).toContain('<td>auditor</td>');
    expect(page.text).toContain(rig.provider.issuer);
    expect(page.text).toContain('href="/v1/trust"');
    expect(page.text).not.toContain('/v1/certifications');
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none';/u,
    );
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.text).not.toMatch(/<script|javascript:| on\w+=/iu);
  });

  it('ask with PKCE (S256), a state and a nonce that are never the same', async () => {
    await rig.logIn('eve');
    const asked = (await rig.provider.listRequests()).filter(({ state }) => state !== undefined);
    for (const one of asked) expect(one).toMatchObject({ code_challenge_method: 'S256', response_type: 'code' });
    for (const name of ['state', 'nonce', 'code_challenge'] as const)
      expect(new Set(asked.map((one) => one[name])).size).toBe(asked.length);
    expect(asked[0]?.['code_challenge']).toMatch(/^[A-Za-z0-9_-]{43}$/u);
  });

  it('have a name that is written as text', async () => {
    const page = await (await rig.logIn('olu')).send(at('/people'));
    expect(page.text).toContain('Olu &lt;Operator&gt;');
  });

  it('read what auditors read, unsigned, and are named by issuer and subject', async () => {
    const browser = await rig.logIn('eve');
    const answer = await browser.send(at('/v1/identity'));
    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toMatchObject({
      ...{ identityKey: null, kind: 'person', organisation: 'acme', roles: ['auditor'] },
      name: `${rig.provider.issuer}#eve`,
    });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-bsv-auth'))).toEqual([]);
    expect((await browser.send(at('/v1/trust'))).status).toBe(200);
    expect((await browser.send(at('/v1/none'))).status).toBe(404);
  });

  it('are held to their role: an auditor changes nothing, an operator does, and the audit names the person', async () => {
    const body = JSON.stringify({ kind: 'pin', gateway: `02${'ab'.repeat(32)}`, organisation: 'globex' });
    const post = (browser: Browser) => browser.send(at('/v1/trust/changes'), { method: 'POST', headers: own(), body });
    const [auditor, operator] = [await rig.logIn('eve'), await rig.logIn('olu')];
    const refused = await post(auditor);
    expect([refused.status, codeOf(refused)]).toEqual([403, 'policy-denied']);
    const made = await post(operator);
    expect([made.status, made.text]).toEqual([201, expect.stringContaining(`person:${rig.provider.issuer}#olu`)]);
    const [row] = await rig.gateway.database.owner.query<{ proposed_by: string }[]>(
      'select proposed_by from portcullis.trust_change',
    );
    expect(row?.proposed_by).toBe(`person:${rig.provider.issuer}#olu`);
    const explained = await auditor.send(at('/v1/policies/explain'), {
      ...{ method: 'POST', headers: own() },
      body: JSON.stringify({ method: 'POST', path: '/v1/trust/changes' }),
    });
    expect(jsonOf(explained)).toMatchObject({ decision: 'refuse', roles: ['auditor'] });
  });

  it('are refused where a key is needed, whatever their role', async () => {
    const browser = await rig.logIn('olu');
    for (const path of [
      '/v1/submissions',
      '/v1/submissions/batch',
      '/v1/certificates',
      '/v1/wallet/internalizeAction',
      '/v1/offers',
    ]) {
      const answer = await browser.send(at(path), { method: 'POST', headers: own(), body: '{}' });
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 403, 'identity-key-required']);
    }
    // A route with a price: terms are for keys.
    const priced = await browser.send(at('/v1/inventory'));
    expect([priced.status, codeOf(priced)]).toEqual([403, 'identity-key-required']);
    expect((await browser.send(at('/v1/topics/tm_documents/events'))).status).toBe(200);
  });

  it('read events over a WebSocket, from our own pages alone, until they log out', async () => {
    const browser = await rig.logIn('eve');
    const cookie = `${COOKIE}=${tokenOf(browser)}`;
    const open = (headers: Record<string, string>) =>
      SocketReader.open(at('/v1/topics/tm_documents/events?after=-1'), { headers: { cookie, ...headers } });
    // A page of any origin may open one and would be sent the cookie; one that says nothing is no browser.
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}] as Record<string, string>[])
      expect((await open(headers)).refusal).toMatchObject({ status: 403, code: 'person-origin-foreign' });
    const crossSite = { origin: rig.url, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'websocket' };
    expect((await open(crossSite)).refusal).toMatchObject({ status: 403, code: 'person-origin-foreign' });
    const socket = await open({ origin: rig.url });
    await socket.waitReady();
    expect(socket.messages[0]).toEqual({ topic: 'tm_documents', position: -1, kind: 'ready' });
    const neighbour = await rig.logIn('olu');
    const other = await SocketReader.open(at('/v1/topics/tm_documents/events'), {
      headers: { cookie: `${COOKIE}=${tokenOf(neighbour)}`, origin: rig.url },
    });
    await browser.submit(await browser.send(at('/people')), '/people/logout');
    expect(await socket.waitClosed()).toEqual({ code: 1008, reason: 'the session is over' });
    expect((await open({ origin: rig.url })).refusal).toMatchObject({ status: 401, code: 'person-session-ended' });
    expect(other.closed).toBeUndefined();
    other.cut();
  });

  it('read events as a stream too, under the same rules, until they log out', async () => {
    const browser = await rig.logIn('eve');
    const open = (headers: Record<string, string> = {}) =>
      RawStream.connect(at('/v1/topics/tm_documents/events?after=-1'), {
        headers: { cookie: `${COOKIE}=${tokenOf(browser)}`, ...headers },
      });
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])
      expect((await open(headers as Record<string, string>)).status).toBe(403);
    const stream = await open({ origin: rig.url, 'sec-fetch-site': 'same-origin' });
    expect([stream.status, await stream.waitReady()]).toEqual([200, -1]);
    await browser.submit(await browser.send(at('/people')), '/people/logout');
    await waitUntil('it has ended', () => stream.ended);
    expect(stream.text).toMatch(/: the session is over\n\n$/u);
    expect((await open()).status).toBe(401);
  });

  it('are not kept logged in by a WebSocket that stays open', async () => {
    const browser = await rig.logIn('eve');
    const headers = { cookie: `${COOKIE}=${tokenOf(browser)}`, origin: rig.url };
    const socket = await SocketReader.open(at('/v1/topics/tm_documents/events'), { headers });
    await socket.waitReady();
    await rig.gateway.database.owner.query(
      `update portcullis.person_session set expires_at = now() + interval '2 seconds' where subject = 'eve'`,
    );
    expect(await socket.waitClosed()).toEqual({ code: 1008, reason: 'the session is over' });
  });

  it.each(['nia', 'rob', 'bea'] as const)(
    'without a role, or with roles in two organisations, come in nowhere (%s)',
    async (as) => {
      const before = await rig.countSessions();
      const browser = new Browser();
      const page = await logIn(browser, rig.url, { as });
      expect([page.status, codeOf(page)]).toEqual([403, 'login-without-role']);
      expect(page.text).toContain('Nobody has given this account a role here.');
      expect(page.headers['content-type']).toMatch(/^text\/html/u);
      expect(tokenOf(browser)).toBe('');
      expect(await rig.countSessions()).toBe(before);
    },
  );

  it('are known to every replica, and gone from every replica when they log out', async () => {
    const browser = await rig.logIn('eve');
    const token = tokenOf(browser);
    const other = new Browser();
    other.jarOf(rig.replica.url).set(COOKIE, token);
    expect((await other.send(at('/v1/identity', rig.replica.url))).status).toBe(200);
    const out = await browser.submit(await browser.send(at('/people')), '/people/logout');
    expect([out.status, out.headers.location]).toEqual([
      303,
      expect.stringContaining(`${rig.provider.issuer}/session/end?`),
    ]);
    expect(out.headers.location).toContain(encodeURIComponent(`${rig.url}/people`));
    expect(tokenOf(browser)).toBe('');
    const gone = await other.send(at('/v1/identity', rig.replica.url));
    expect([gone.status, codeOf(gone)]).toEqual([401, 'person-session-ended']);
  });

  it('log out everywhere at once', async () => {
    const [one, two] = [await rig.logIn('eve'), await rig.logIn('eve')];
    await one.submit(await one.send(at('/people')), '/people/logout', { everywhere: '1' });
    expect((await two.send(at('/v1/identity'))).status).toBe(401);
  });

  it('get a new token at each login; the one from before, whoever put it there, is worth nothing', async () => {
    const browser = await rig.logIn('eve');
    const first = tokenOf(browser);
    await rig.logIn('eve', browser);
    expect(tokenOf(browser)).not.toBe(first);
    const thief = new Browser();
    thief.jarOf(rig.url).set(COOKIE, first);
    expect((await thief.send(at('/v1/identity'))).status).toBe(401);
    const planted = new Browser();
    planted.jarOf(rig.url).set(COOKIE, randomBytes(32).toString('base64url'));
    await rig.logIn('eve', planted);
    expect(tokenOf(planted)).not.toBe('');
  });

  it('keep their token to themselves: the database has a hash, and the cookie is for no script and no other site', async () => {
    const browser = new Browser();
    const back = await logIn(browser, rig.url, { as: 'eve', until: isCallback });
    const done = await browser.send(back.headers.location!);
    const [line = ''] = (done.headers['set-cookie'] ?? []).filter((one) => one.startsWith(COOKIE));
    expect(line).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=28800$/u);
    const rows = await rig.gateway.database.owner.query<unknown[]>('select * from portcullis.person_session');
    expect(JSON.stringify(rows)).not.toContain(tokenOf(browser));
  });

  it('have ten sessions at most', async () => {
    const browsers: Browser[] = [];
    for (let count = 0; count < 12; count += 1) browsers.push(await rig.logIn('eve'));
    const statuses = await Promise.all(browsers.map(async (one) => (await one.send(at('/v1/identity'))).status));
    expect(statuses).toEqual([401, 401, ...Array.from({ length: 10 }, () => 200)]);
  });

  it('are sent back to a page of ours, and to no other', async () => {
    const { url, status } = await logIn(new Browser(), rig.url, {
      as: 'eve',
      returnTo: '/v1/trust?at=2030-01-01T00:00:00.000Z',
    });
    expect([url, status]).toEqual([at('/v1/trust?at=2030-01-01T00:00:00.000Z'), 200]);
    const foreign = [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/.//evil.example',
      '/a/..//evil.example',
      'javascript:1',
    ];
    for (const returnTo of [...foreign, '/\t/evil.example', '']) {
      const page = await logIn(new Browser(), rig.url, { as: 'eve', returnTo });
      expect([returnTo, page.url]).toEqual([returnTo, at('/people')]);
    }
  });

  it('lose what the configuration does not give them any more, whatever their session remembers', async () => {
    const browser = await rig.logIn('eve');
    const over = { 'acme-operators': { organisation: 'acme', roles: ['operator' as const] } };
    const later = await rig.gateway.openReplica({ port: 0, oidcRoles: over });
    const other = new Browser();
    other.jarOf(later.url).set(COOKIE, tokenOf(browser));
    const answer = await other.send(at('/v1/identity', later.url));
    expect([answer.status, codeOf(answer)]).toEqual([401, 'person-session-ended']);
    await later.app.close();
  });

  it('are gone after their time, used or not', async () => {
    const browser = await rig.logIn('eve');
    const { owner } = rig.gateway.database;
    await owner.query(`update portcullis.person_session set expires_at = now() - interval '1 second'`);
    expect((await browser.send(at('/v1/identity'))).status).toBe(401);
    const again = await rig.logIn('eve');
    // A use moves the end of idling on, and never past the end of the session.
    await owner.query(
      `update portcullis.person_session set expires_at = now() + interval '1 minute', ends_at = now() + interval '2 minutes' where expires_at > now()`,
    );
    expect((await again.send(at('/v1/identity'))).status).toBe(200);
    const [row] = await owner.query<{ same: boolean }[]>(
      'select expires_at = ends_at as same from portcullis.person_session where expires_at > now()',
    );
    expect(row?.same).toBe(true);
  });

  it('leave nothing behind when they begin ten thousand logins and finish none', async () => {
    // Also the ended ones of other tests, which pruning takes away in its own time.
    await rig.gateway.database.owner.query('truncate portcullis.person_session');
    for (let round = 0; round < 200; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => new Browser().send(at('/people/login?returnTo=/v1/trust'))),
      );
      expect(answers.every(({ status }) => status === 302)).toBe(true);
    }
    expect(await rig.countSessions()).toBe(0);
    await rig.logIn('eve');
  }, 120_000);
});
