import type { AddressInfo } from 'node:net';
import { fsck } from '#ledger';
import { createApplication } from '../../src/application';
import { attachDevnet, parseSettings, resolveConfig } from '../../src/config';
import type { OpenApiDocument } from '../../src/openapi';
import { LyingProvider } from './people/lying-provider';
import { TestAuthority } from './people/make-certificates';
import { CLIENT, SECRET } from './people/people-rig';
import { SubmissionsRig } from './submissions-rig';
import {
  BADGE,
  EMPLOYEE,
  HOOKS,
  certifier,
  colleagueKey,
  gatewayKey,
  lookAt,
  openEstate,
  ownerKey,
  type Estate,
  type Kind,
} from './tenants-estate';
import { listProbes, type Probe } from './tenants-probes';
import { ALL_ROLES, BOLT, openStrangers, type Stranger } from './tenants-strangers';

/**
 * What is one organisation's is nobody else's: members of another in every role, a person and a machine of another, an identity that nobody listed and
 * somebody without a name try every route of the document with every id of theirs. The list of routes is the gateway's own, so whoever adds one has to say here
 * what it is tried with.
 */
const TOPIC_STATE =
  'the state of a topic is everybody’s who may read the topic, with the transactions that it descends from: it is what an overlay is for';
/** What a stranger may be shown, and why. */
const SHOWN: Readonly<Record<string, { readonly kinds: readonly Kind[]; readonly reason: string }>> = {
  ...Object.fromEntries(
    [
      ...['GET /v1/topics/{topic}/outputs', 'GET /v1/topics/{topic}/events', 'POST /v1/lookup', 'POST /lookup'],
      ...['POST /requestSyncResponse', 'POST /requestForeignGASPNode'],
    ].map((operation) => [operation, { kinds: ['document', 'documentOutpoint'], reason: TOPIC_STATE }]),
  ),
};
/** Names of somebody, which are no secrets: a public key, an organisation. */
const NO_SECRETS: ReadonlySet<Kind> = new Set<Kind>(['identityKey', 'organisation']);

let rig: SubmissionsRig;
let machines: Awaited<ReturnType<typeof createApplication>> | undefined;
let authority: TestAuthority;
let provider: LyingProvider;
let estate: Estate;
let strangers: readonly Stranger[];
let probes: readonly Probe[];
let document: OpenApiDocument;

/** The same gateway over TLS, for machines. */
const openMachineDoor = async (settings: Record<string, unknown>): Promise<string> => {
  const server = await authority.issue({ san: ['IP:127.0.0.1'], usage: 'serverAuth' });
  const parsed = parseSettings({
    ...{ ...settings, role: 'api', metricsPort: 0, logLevel: 'silent', databaseUrl: rig.database.url },
    ...{ devnetUrl: rig.devnet.url, tlsCert: server.certPath, tlsKey: server.keyPath, tlsClientCa: authority.caPath },
    tlsClients: [{ name: 'crane', san: 'DNS:crane.bolt.example', organisation: 'bolt', roles: ALL_ROLES }],
  });
  const app = await createApplication(attachDevnet(resolveConfig(parsed), rig.devnet.url));
  machines = app;
  await app.listen(0, '127.0.0.1');
  return `https://127.0.0.1:${String((app.getHttpServer().address() as AddressInfo).port)}`;
};

beforeAll(async () => {
  provider = await LyingProvider.start();
  authority = await TestAuthority.create('Bolt machines');
  const members = [ownerKey, colleagueKey].map((key) => key.toPublicKey().toString());
  const settings = {
    ...{ identityKey: gatewayKey.toHex(), prices: [{ method: 'GET', path: '/v1/identity', satoshis: 5 }] },
    ...{ organisations: { acme: members, bolt: BOLT }, operator: 'acme', trustApprovals: { acme: 2 } },
    ...{ overlayWalletUrl: 'http://127.0.0.1:9/wallet', webhookHosts: [HOOKS], egressPrivateHosts: [HOOKS] },
    ...{ overlayOpen: ['*'], overlayDiscovery: 'host' },
    ...{ oidcIssuer: provider.issuer, oidcClientId: CLIENT, oidcClientSecret: SECRET },
    oidcRoles: {
      'acme-operators': { organisation: 'acme', roles: ['operator'] },
      'bolt-everything': { organisation: 'bolt', roles: ALL_ROLES },
    },
    certificates: [{ certifier: certifier.identityKey, type: EMPLOYEE, fields: ['role'] }],
    certifier: { organisation: 'acme', types: [{ type: BADGE, fields: ['name', 'role'], askers: ['*'] }] },
  };
  rig = await SubmissionsRig.open(settings);
  estate = await openEstate(rig, provider);
  const tlsUrl = await openMachineDoor(settings);
  const machine = await authority.issue({ san: ['DNS:crane.bolt.example'] });
  strangers = await openStrangers({ url: rig.url, tlsUrl, ca: authority.ca, machine, provider });
  document = (await (await fetch(`${rig.url}/openapi.json`)).json()) as OpenApiDocument;
  probes = listProbes(document, estate);
}, 120_000);
afterAll(async () => {
  const broken = (await fsck(rig.database.owner)).filter(({ ok }) => !ok);
  await machines?.close();
  await rig.close();
  await provider.stop();
  authority.remove();
  expect(broken).toEqual([]);
}, 60_000);

/** What of theirs stands in an answer and did not in the question, which may name it or hold the transaction that it is of. */
const listTold = ({ operation, url, headers, body }: Probe, text: string): string[] => {
  const asked = `${decodeURIComponent(url.replaceAll('+', ' '))} ${JSON.stringify(headers)} ${String(body ?? '')}`;
  const bytes = Buffer.isBuffer(body) ? body.toString('base64') : asked;
  const held = [
    ...(bytes.includes(estate.beef) || asked.includes('"tx":') ? estate.owned.txid : []),
    ...(bytes.includes(estate.documentBeef) ? estate.owned.document : []),
  ];
  const shown = SHOWN[operation]?.kinds ?? [];
  return Object.entries(estate.owned).flatMap(([kind, values]) =>
    NO_SECRETS.has(kind as Kind) || shown.includes(kind as Kind)
      ? []
      : values
          .filter((value) => text.includes(value) && !asked.includes(value))
          .filter((value) => !held.some((txid) => value.startsWith(txid)))
          .map((value) => `${kind} ${value}`),
  );
};

const READING = new Set([
  ...['POST /v1/lookup', 'POST /lookup', 'POST /v1/wallet/listOutputs', 'POST /v1/verifications'],
  ...['POST /v1/policies/explain', 'POST /requestSyncResponse', 'POST /requestForeignGASPNode'],
]);
const FILLING = new Set([
  ...['POST /v1/submissions', 'POST /v1/submissions/batch', 'POST /submit', 'POST /v1/wallet/internalizeAction'],
]);
/** First all look, then all change what they can; last they take what they hold the transaction of for their own, of which they are shown more then. */
const phaseOf = ({ operation }: Probe): number => {
  if (FILLING.has(operation)) return 2;
  return operation.startsWith('GET ') || READING.has(operation) ? 0 : 1;
};

/** What is wrong with how one of them was answered. */
const tryAll = async ({ name, send }: Stranger, phase: number): Promise<unknown[]> => {
  const wrong: unknown[] = [];
  for (const probe of probes.filter((one) => phaseOf(one) === phase)) {
    const { operation, url, filled } = probe;
    const { status, code, text } = await send(probe);
    const told = listTold(probe, text);
    const isOfTheirs = filled.some((place) => /^path (?:id|idOrTxid|hash|outpoint)$/u.test(place));
    const isMissing = Math.floor(status / 100) === 4;
    if (told.length > 0 || status >= 500 || (isOfTheirs && !isMissing))
      wrong.push({ name, operation, url, status, code, told });
  }
  return wrong;
};

/** As theirs, and of nobody: an id with another end. */
const invent = (value: string): string =>
  /^[0-9a-f-]{36,}(?:\.\d+)?$/u.test(value)
    ? value.replace(/[0-9a-f]{8}(?=(?:\.\d+)?$)/u, (end) => (end === 'deadbeef' ? 'beefdead' : 'deadbeef'))
    : `${value.slice(0, -1)}x`;

/** The same question about what there is not. */
const disguise = (probe: Probe): Probe => {
  const names = Object.entries(estate.owned).flatMap(([kind, values]) =>
    NO_SECRETS.has(kind as Kind) || kind === 'offChainValues' || kind === 'approvalSignature' ? [] : values,
  );
  const replace = (text: string): string =>
    names.reduce(
      (done, name) =>
        done.replaceAll(encodeURIComponent(name), encodeURIComponent(invent(name))).replaceAll(name, invent(name)),
      text,
    );
  const { url, headers, body } = probe;
  return {
    ...{ ...probe, url: replace(url), headers: JSON.parse(replace(JSON.stringify(headers))) as Probe['headers'] },
    ...(typeof body === 'string' && { body: replace(body) }),
  };
};

describe('what is of one organisation', () => {
  jest.setTimeout(120_000);

  it('is of every kind, and is tried at every route', () => {
    expect(Object.entries(estate.owned).filter(([, values]) => values.length === 0 || values.includes(''))).toEqual([]);
    const tried = new Set(probes.map(({ operation }) => operation));
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.filter((route) => !tried.has(route))).toEqual(['POST /people/logout']);
    expect(strangers).toHaveLength(10);
  });

  it.each<[string, string, object]>([
    ['a path', '/v1/baskets/{basket}/notes/{note}', { get: { parameters: [{ in: 'path', name: 'note' }] } }],
    ['a query', '/v1/notes', { get: { parameters: [{ in: 'query', name: 'note' }] } }],
    ['a header', '/v1/notes', { get: { parameters: [{ in: 'header', name: 'x-note' }] } }],
    [
      'a body',
      '/v1/offers',
      { post: { requestBody: { content: { j: { schema: { items: { anyOf: [{ properties: { note: {} } }] } } } } } } },
    ],
  ])('has to be said of a new route with a name in %s', (_where, path, methods) => {
    const grown = { ...document, paths: { ...document.paths, [path]: methods } } as OpenApiDocument;
    expect(() => listProbes(grown, estate)).toThrow(/^Nobody has said what (?:x-)?note of .+ is tried with\.$/u);
  });

  it('has to be tried at a new route that names it, and a route that changes something with a request', () => {
    const grow = (path: string, method: string, described: object): OpenApiDocument =>
      ({ ...document, paths: { ...document.paths, [path]: { [method]: described } } }) as OpenApiDocument;
    const byQuery = grow('/v1/notes', 'get', { parameters: [{ in: 'query', name: 'reservation' }] });
    expect(() => listProbes(byQuery, estate)).toThrow('query reservation is tried with nothing of theirs');
    expect(() => listProbes(grow('/v1/notes', 'post', {}), estate)).toThrow('what POST /v1/notes is tried with');
  });

  it('is told apart by nobody from what there is not', async () => {
    const told: unknown[] = [];
    const asking = probes.filter((probe) => phaseOf(probe) === 0 && SHOWN[probe.operation] === undefined);
    for (const { name, send } of [strangers[0]!, ...strangers.slice(-3)]) {
      for (const probe of asking.filter(({ filled }) => filled.length > 0)) {
        const [theirs, nobodys] = [await send(probe), await send(disguise(probe))];
        if (theirs.status !== nobodys.status || theirs.code !== nobodys.code)
          told.push({
            name,
            url: probe.url,
            theirs: [theirs.status, theirs.code],
            nobodys: [nobodys.status, nobodys.code],
          });
      }
    }
    expect(told).toEqual([]);
  });

  it('is not shown to another, not changed by another, and not even said to be there', async () => {
    const before = await lookAt(estate);
    for (const kind of [
      'submission',
      'reservation',
      'proposal',
      'offer',
      'webhook',
      'trustChange',
      'trustRule',
    ] as const)
      for (const id of estate.owned[kind]) expect(JSON.stringify(before)).toContain(id);
    const looked = await Promise.all(strangers.map((stranger) => tryAll(stranger, 0)));
    expect(looked.flat()).toEqual([]);
    // One after another: members of one organisation would find the gateway busy with what their colleagues do.
    for (const phase of [1, 2]) {
      for (const stranger of strangers) expect(await tryAll(stranger, phase)).toEqual([]);
    }
    expect(await lookAt(estate)).toEqual(before);
  });
});
