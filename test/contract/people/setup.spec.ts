import { createProgram } from '../../../src/cli/program';
import { exitCodeOf, exitCodes } from '../../../src/cli/exit-codes';
import { CONFIG, type Config } from '../../../src/config';
import { giveSetupLink, Setups } from '../../../src/people';
import { SubmissionsRig } from '../submissions-rig';
import { Browser } from './browser';
import { codeOf, oidcRoles } from './people-rig';

// The command line loads its parts late, by the names that the build gives them; here they are the sources.
jest.mock<object>('../../../src/cli/run-setup-link.js', () => jest.requireActual('../../../src/cli/run-setup-link'), {
  virtual: true,
});
jest.mock<object>('../../../src/people/index.js', () => jest.requireActual('../../../src/people'), { virtual: true });

jest.setTimeout(60_000);

const KEY = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';

describe('the first run', () => {
  let rig: SubmissionsRig;
  let replica: Awaited<ReturnType<SubmissionsRig['openReplica']>>;

  beforeAll(async () => {
    rig = await SubmissionsRig.open();
    replica = await rig.openReplica();
  }, 120_000);
  afterAll(async () => {
    await replica.app.close();
    await rig.close();
  }, 60_000);
  beforeEach(() => rig.database.owner.query('truncate portcullis.setup_link, portcullis.person_session'));

  const give = () => rig.app.get(Setups).give();
  const giveLink = async (): Promise<string> => {
    const given = await give();
    if (given.kind !== 'given') throw new Error(given.kind);
    return given.url;
  };
  const tokenOf = (link: string): string => new URL(link).searchParams.get('token') ?? '';
  const use = async (browser: Browser, token: string, { url = rig.url, ...more }: Record<string, string> = {}) => {
    const page = await browser.send(`${url}/people/setup?token=${token}`);
    return browser.submit(page, '/people/setup', { token, organisation: 'acme', ...more });
  };

  it('gives a link that makes whoever opens it the owner, and says what to write into the configuration', async () => {
    const link = await giveLink();
    const browser = new Browser();
    const form = await browser.send(link);
    expect([form.status, form.headers['referrer-policy']]).toEqual([200, 'same-origin']);
    expect(form.headers['content-security-policy']).toContain("form-action 'self'");
    // Whoever only looks, as programs do that follow links in messages, uses nothing up.
    expect((await new Browser().send(link)).status).toBe(200);
    const page = await use(browser, tokenOf(link), { identityKey: KEY });
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('PORTCULLIS_ORGANISATIONS')]);
    expect(page.text).toContain(KEY);
    const me = await browser.send(`${rig.url}/v1/identity`);
    expect(JSON.parse(me.text)).toMatchObject({
      kind: 'person',
      organisation: 'acme',
      roles: ['owner'],
      identityKey: null,
    });
    expect((await browser.send(`${replica.url}/v1/identity`)).status).toBe(401);
    expect((await browser.send(`${rig.url}/people`)).text).toContain('<td>owner</td>');
  });

  it('takes it once, of two who come at once at two replicas exactly one', async () => {
    for (let round = 0; round < 10; round += 1) {
      await rig.database.owner.query('truncate portcullis.setup_link, portcullis.person_session');
      const token = tokenOf(await giveLink());
      const urls = [rig.url, replica.url, rig.url, replica.url];
      const pages = await Promise.all(urls.map((url) => use(new Browser(), token, { url })));
      expect(pages.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403]);
      expect(await rig.count('person_session')).toBe(1);
    }
  });

  it('gives one link only, of those who ask at once', async () => {
    const kinds = (await Promise.all(Array.from({ length: 8 }, give))).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'given')).toEqual(['given']);
    expect(await rig.count('setup_link')).toBe(1);
  });

  it('keeps no token', async () => {
    const token = tokenOf(await giveLink());
    const rows = await rig.database.owner.query<unknown[]>('select * from portcullis.setup_link');
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it.each<[string, Record<string, string>]>([
    ['another token', { token: 'A'.repeat(43) }],
    ['no token', { token: '' }],
  ])('refuses %s', async (_name, { token = '' }) => {
    await giveLink();
    const page = await use(new Browser(), token);
    expect([page.status, codeOf(page)]).toEqual([403, 'setup-link-invalid']);
  });

  it('refuses one whose time is over, and gives another then', async () => {
    const token = tokenOf(await giveLink());
    expect((await give()).kind).toBe('in-force');
    await rig.database.owner.query(`update portcullis.setup_link set expires_at = now() - interval '1 second'`);
    expect(codeOf(await use(new Browser(), token))).toBe('setup-link-invalid');
    expect((await give()).kind).toBe('given');
  });

  it('gives none while whoever used it is there, and another after that', async () => {
    const browser = new Browser();
    await use(browser, tokenOf(await giveLink()));
    expect((await give()).kind).toBe('in-force');
    await browser.submit(await browser.send(`${rig.url}/people`), '/people/logout');
    expect((await give()).kind).toBe('given');
  });

  it('does not use the link up for a mistake in the form, or for a form on another site', async () => {
    const token = tokenOf(await giveLink());
    for (const mistake of [{ organisation: 'Acme Ltd' }, { organisation: 'gateway' }, { identityKey: 'abc' }])
      expect((await use(new Browser(), token, mistake as unknown as Record<string, string>)).status).toBe(400);
    const forged = await new Browser().send(`${rig.url}/people/setup`, {
      ...{ method: 'POST', headers: { origin: 'https://evil.example' } },
      body: new URLSearchParams({ token, organisation: 'acme' }).toString(),
    });
    expect([forged.status, codeOf(forged)]).toEqual([403, 'person-origin-foreign']);
    expect((await use(new Browser(), token)).status).toBe(200);
  });

  it.each<[string, Partial<Config>]>([
    ['a member with a key', { organisations: { acme: [{ identityKey: KEY, roles: [] }] } }],
    [
      'a provider',
      {
        oidcIssuer: 'https://login.acme.example',
        oidcClientId: 'p',
        oidcRoles,
        organisations: { acme: [], globex: [] },
      } as Partial<Config>,
    ],
  ])(
    'is over as soon as the configuration has %s: the link and what it opened are worth nothing',
    async (_name, over) => {
      const browser = new Browser();
      await use(browser, tokenOf(await giveLink()));
      const later = await rig.openReplica(over as never);
      browser.jarOf(later.url).set('portcullis-session', browser.jarOf(rig.url).get('portcullis-session')!);
      expect((await browser.send(`${later.url}/v1/identity`)).status).toBe(401);
      await rig.database.owner.query('truncate portcullis.setup_link, portcullis.person_session');
      const token = tokenOf(await giveLink());
      expect((await use(new Browser(), token, { url: later.url })).status).toBe(403);
      expect((await later.app.get(Setups).give()).kind).toBe('not-needed');
      // Should the configuration lose its names again, the link of before opens nothing.
      expect(codeOf(await use(new Browser(), token))).toBe('setup-link-invalid');
      await later.app.close();
    },
  );

  it('gives none in production over plain HTTP', async () => {
    const config = { ...rig.app.get<Config>(CONFIG), profile: 'production' } as const;
    const ask = (base: string) => giveSetupLink(rig.database.dataSource, config, base);
    expect(await ask('http://gateway.example.com')).toEqual({ kind: 'unsafe' });
    expect(await rig.count('setup_link')).toBe(0);
    expect(await ask('https://gateway.example.com')).toMatchObject({ kind: 'given' });
  });

  describe('by the command line', () => {
    const run = async (...words: string[]): Promise<{ status: number; stdout: string; said: string }> => {
      const settings = { PORTCULLIS_DATABASE_URL: rig.database.url, PORTCULLIS_PUBLIC_URL: rig.url };
      Object.assign(process.env, settings);
      let stdout = '';
      const spy = jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((stdout += String(text))));
      try {
        await createProgram().parseAsync(['node', 'portcullis', 'setup-link', ...words]);
        return { status: 0, stdout, said: '' };
      } catch (error) {
        return { status: exitCodeOf(error), stdout, said: String(error) };
      } finally {
        spy.mockRestore();
        for (const name of Object.keys(settings)) Reflect.deleteProperty(process.env, name);
      }
    };

    it('prints a link where none is in force, and another in its place when it is told to', async () => {
      const first = await run('--json');
      const { setup } = JSON.parse(first.stdout) as { setup: string };
      expect(setup.startsWith(`${rig.url}/people/setup?token=`)).toBe(true);
      const again = await run();
      expect([again.status, again.stdout, again.said]).toEqual([
        exitCodes.refused,
        '',
        expect.stringContaining('in force'),
      ]);
      const replaced = await run('--replace');
      expect(replaced.status).toBe(0);
      expect(codeOf(await use(new Browser(), tokenOf(setup)))).toBe('setup-link-invalid');
      const owner = new Browser();
      expect((await use(owner, tokenOf(replaced.stdout.trim()))).status).toBe(200);
      await run('--replace');
      expect((await owner.send(`${rig.url}/v1/identity`)).status).toBe(401);
    });
  });
});
