import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SubmissionsRig } from '../submissions-rig';
import { Browser, type Page } from './browser';
import { TestProvider, type TestClient } from './start-provider';

export const CLIENT = 'portcullis';
export const SECRET = 'a secret of the test client, long enough';

/** What the directory says of each. */
export const accounts = {
  olu: { name: 'Olu <Operator>', roles: ['acme-operators', 'something of another application'] },
  eve: { name: 'Eve Auditor', roles: ['acme-auditors'] },
  nia: { name: 'Nia Nobody', roles: ['staff'] },
  bea: { name: 'Bea Both', roles: ['acme-auditors', 'globex-auditors'] },
  rob: { name: 'Rob Without' },
};
export type Account = keyof typeof accounts;

export const oidcRoles = {
  'acme-operators': { organisation: 'acme', roles: ['operator'] },
  'acme-auditors': { organisation: 'acme', roles: ['auditor'] },
  'globex-auditors': { organisation: 'globex', roles: ['auditor'] },
};

/** Of a refusal, as a problem or as a page. */
export const codeOf = ({ text }: Page): unknown =>
  text.startsWith('{')
    ? (JSON.parse(text) as { code: string }).code
    : /<code>([a-z-]+)<\/code>, request/u.exec(text)?.[1];

/** The provider has to know where to send people back before the gateway listens. */
export const findFreePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

export const settingsFor = (issuer: string): Record<string, unknown> => ({
  ...{ oidcIssuer: issuer, oidcClientId: CLIENT, oidcClientSecret: SECRET, oidcRoles },
  organisations: { acme: [], globex: [] },
  prices: [{ method: 'GET', path: '/v1/inventory', satoshis: 5 }],
});

export const clientsFor = (...urls: readonly string[]): TestClient[] => [
  {
    ...{ client_id: CLIENT, client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' },
    redirect_uris: urls.map((url) => `${url}/people/callback`),
    post_logout_redirect_uris: urls.map((url) => `${url}/people`),
  },
  {
    ...{ client_id: 'another', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' },
    redirect_uris: urls.map((url) => `${url}/people/callback`),
  },
];

/** Goes to the login of a gateway and through that of the provider; stops before the way back where `until` says so. */
export const logIn = async (
  browser: Browser,
  gateway: string,
  { as, returnTo, until }: { as: string; returnTo?: string; until?: (location: string) => boolean },
): Promise<Page> => {
  const asked = returnTo === undefined ? '' : `?returnTo=${encodeURIComponent(returnTo)}`;
  const form = await browser.go(`${gateway}/people/login${asked}`);
  if (!form.url.includes('/interaction/')) return form;
  return browser.go(`${form.url}?as=${as}`, until);
};

/** The whole gateway, a provider, and people. */
export class PeopleRig {
  private constructor(
    readonly gateway: SubmissionsRig,
    readonly provider: TestProvider,
    readonly replica: { readonly url: string; readonly app: { close(): Promise<void> } },
  ) {}

  static async open(over: Record<string, unknown> = {}): Promise<PeopleRig> {
    const ports = [await findFreePort(), await findFreePort()] as const;
    const urls = ports.map((port) => `http://127.0.0.1:${String(port)}`);
    const provider = await TestProvider.start({ clients: clientsFor(...urls), accounts });
    const gateway = await SubmissionsRig.open({ ...settingsFor(provider.issuer), port: ports[0], ...over });
    const replica = await gateway.openReplica({ port: ports[1] });
    return new PeopleRig(gateway, provider, replica);
  }

  get url(): string {
    return this.gateway.url;
  }

  async logIn(as: Account, browser = new Browser()): Promise<Browser> {
    const page = await logIn(browser, this.url, { as });
    if (page.status !== 200 || !page.url.endsWith('/people')) throw new Error(`${page.url} ${page.text}`);
    return browser;
  }

  async countSessions(): Promise<number> {
    const sql = 'select count(*)::int as n from portcullis.person_session';
    const [row] = await this.gateway.database.owner.query<{ n: number }[]>(sql);
    return row?.n ?? -1;
  }

  async close(): Promise<void> {
    await this.replica.app.close();
    await this.gateway.close();
    await this.provider.stop();
  }
}
