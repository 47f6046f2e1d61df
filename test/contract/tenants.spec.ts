import { PrivateKey } from '@bsv/sdk';
import { fundWalletFromDevnet, makeCertificateType } from '#testkit';
import type { OpenApiDocument } from '../../src/openapi';
import { expectSound, jsonHeaders, keep, lockTo, mint, post, type Made } from './baskets-rig';
import { makeRequest } from './certifier-rig';
import { issueInvoice } from './overlay-rig';
import { Caller, SubmissionsRig, type Answer } from './submissions-rig';

/**
 * What is one organisation's is nobody else's: a stranger with a good session of its own tries every route of the document with every id of theirs. The list of
 * routes is the gateway's own, so whoever adds one has to say here what it is tried with.
 */
const gatewayKey = PrivateKey.fromHex('31'.repeat(32));
const BADGE = makeCertificateType(22);
const HOOKS = '127.0.0.1:9';
const BASKET = 'theirs alone';
const TAG = 'marked by them';
const LABEL = 'labelled by them';
/** Routes that answer for the gateway, whoever asks; and certificates, which are a subject's own: there is no id to name another's by. */
const OF_NOBODY = new Set([
  ...['GET /v1/identity', 'GET /v1/topics', 'GET /v1/certificates', 'DELETE /v1/certificates', 'POST /v1/certificates'],
  ...[
    'POST /v1/lookup',
    'GET /v1/trust',
    'GET /v1/trust/bundle',
    'POST /v1/trust/bundles',
    'POST /v1/submissions/batch',
  ],
]);

describe('what is of one organisation', () => {
  jest.setTimeout(60_000);
  let rig: SubmissionsRig;
  let owner: Caller;
  let stranger: Caller;
  let document: OpenApiDocument;
  let made: Made;
  /** By the beginning of the path: the id that stands for `{id}` in it. */
  let ids: Record<string, string>;
  let secrets: string[];

  const idOf = ({ status, text, json }: Answer): string => {
    if (status !== 200 && status !== 201) throw new Error(text);
    return String(json['id']);
  };

  const offerBody = (): Record<string, unknown> => ({
    asset: { outpoint: `${made.txid}.1`, basket: BASKET },
    price: { satoshis: 5_000, lockingScript: lockTo(owner).toHex(), basket: 'takings' },
    buyerKey: owner.key.toPublicKey().toString(),
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const trustBody = (certifier = 'ab'): Record<string, unknown> => ({
    ...{ kind: 'add', certifier: PrivateKey.fromHex(certifier.repeat(32)).toPublicKey().toString() },
    ...{ type: makeCertificateType(9), fields: ['name'] },
  });

  beforeAll(async () => {
    const keys = [PrivateKey.fromRandom(), PrivateKey.fromRandom()] as const;
    const [ours, theirs] = keys.map((key) => [key.toPublicKey().toString()]);
    rig = await SubmissionsRig.open({
      ...{ identityKey: gatewayKey.toHex(), prices: [], organisations: { acme: ours!, bolt: theirs! } },
      ...{ overlayWalletUrl: 'http://127.0.0.1:9/wallet', webhookHosts: [HOOKS], egressPrivateHosts: [HOOKS] },
      certifier: { organisation: 'acme', types: [{ type: BADGE, fields: ['name', 'role'], askers: ['*'] }] },
      trustApprovals: { acme: 2 },
    });
    [owner, stranger] = [new Caller(rig.url, keys[0]), new Caller(rig.url, keys[1])];
    await fundWalletFromDevnet(owner.wallet, rig.devnet.url, 100_000);
    await rig.mine();
    made = await mint(owner, 3);
    await keep(owner, made, 3, BASKET, [TAG]);
    const labelled = await mint(owner, 1);
    const { status } = await post(owner, '/v1/wallet/internalizeAction', {
      ...{ tx: labelled.tx, description: 'labelled', labels: [LABEL] },
      outputs: [{ outputIndex: 0, protocol: 'basket insertion', insertionRemittance: { basket: BASKET } }],
    });
    expect(status).toBe(200);
    const submission = await owner.call(`/v1/submissions/${made.txid}`);
    await owner.call(`/v1/certificates`);
    const request = await makeRequest(owner.wallet, BADGE, undefined, gatewayKey.toPublicKey().toString());
    expect((await post(owner, '/v1/certifier/signCertificate', request)).json).toMatchObject({
      code: 'certification-pending',
    });
    const { certifications } = (await owner.call('/v1/certifications')).json as { certifications: { id: string }[] };
    const proposed = await issueInvoice(owner.wallet, 'theirs');
    ids = {
      '/v1/submissions': idOf(submission),
      '/v1/baskets/reservations': idOf(
        await post(owner, '/v1/baskets/reservations', { basket: BASKET, quantity: 1, ttlSeconds: 3_000 }),
      ),
      '/v1/proposals': idOf(
        await post(owner, '/v1/proposals', {
          ...{ beef: Buffer.from(proposed.beef).toString('base64'), topics: ['tm_documents'], parties: ['acme'] },
          deadline: new Date(Date.now() + 3_600_000).toISOString(),
        }),
      ),
      '/v1/offers': idOf(await post(owner, '/v1/offers', offerBody())),
      '/v1/topics/{topic}/webhooks': idOf(
        await post(owner, '/v1/topics/tm_documents/webhooks', { url: `http://${HOOKS}/theirs` }),
      ),
      '/v1/trust/changes': idOf(await post(owner, '/v1/trust/changes', trustBody())),
      '/v1/certifications': String(certifications[0]?.id),
    };
    secrets = [...Object.values(ids), BASKET, TAG, LABEL, `${HOOKS}/theirs`];
    document = (await (await fetch(`${rig.url}/openapi.json`)).json()) as OpenApiDocument;
  }, 120_000);
  afterAll(async () => {
    await expectSound(rig);
    await rig.close();
  }, 60_000);

  /** Every way to fill in the path with what is theirs; throws for a part that nobody has said anything about. */
  const fill = (path: string): string[] => {
    const own = Object.keys(ids).filter((begin) => path.startsWith(`${begin}/`));
    const [begin = ''] = own.sort((one, other) => other.length - one.length);
    const values: Record<string, string[]> = {
      ...{ basket: [BASKET], product: [BASKET], topic: ['tm_documents'], hash: ['ab'.repeat(32)] },
      ...{ outpoint: [`${made.txid}.0`, `${made.txid}.1`], idOrTxid: [ids['/v1/submissions'] ?? '', made.txid] },
      ...(begin !== '' && { id: [ids[begin] ?? ''] }),
    };
    let paths = [path];
    for (const [, name = ''] of path.matchAll(/\{(\w+)\}/gu)) {
      const given = values[name];
      if (given === undefined) throw new Error(`Nobody has said what {${name}} of ${path} is tried with.`);
      paths = paths.flatMap((one) => given.map((value) => one.replace(`{${name}}`, encodeURIComponent(value))));
    }
    return paths;
  };

  /** What the owner asked, or what would take something from them. */
  const bodyOf = (operation: string): unknown => {
    const beef = Buffer.from(made.tx).toString('base64');
    const bodies: Record<string, () => unknown> = {
      'POST /v1/submissions': () => ({ beef, topics: ['tm_documents'], reservation: ids['/v1/baskets/reservations'] }),
      'POST /v1/proposals': () => ({
        ...{ beef, topics: ['tm_documents'], parties: ['acme', 'bolt'] },
        deadline: new Date(Date.now() + 3_600_000).toISOString(),
      }),
      'POST /v1/proposals/{id}/approvals': () => ({ signature: '30'.repeat(70) }),
      'POST /v1/proposals/{id}/submission': () => undefined,
      'POST /v1/verifications': () => ({
        beef,
        topics: ['tm_documents'],
        reservation: ids['/v1/baskets/reservations'],
      }),
      'POST /v1/baskets/reservations': () => ({ basket: BASKET, tags: [TAG], quantity: 1 }),
      'POST /v1/baskets/reservations/{id}/renew': () => ({ ttlSeconds: 3_600 }),
      'POST /v1/inventory/{product}/reservations': () => ({ quantity: 1 }),
      'POST /v1/offers': offerBody,
      'POST /v1/offers/{id}/acceptances': () => ({ beef, assetVout: 0, basket: 'mine', termsDigest: 'ab'.repeat(32) }),
      'POST /v1/topics/{topic}/webhooks': () => ({ url: `http://${HOOKS}/mine` }),
      'POST /v1/topics/{topic}/webhooks/{id}/enable': () => undefined,
      'POST /v1/wallet/internalizeAction': () => ({
        ...{ tx: made.tx, description: 'take it over' },
        outputs: [{ outputIndex: 0, protocol: 'basket insertion', insertionRemittance: { basket: 'mine' } }],
      }),
      'POST /v1/wallet/listOutputs': () => ({ basket: BASKET, includeTags: true, includeLabels: true }),
      'POST /v1/wallet/relinquishOutput': () => ({ basket: BASKET, output: `${made.txid}.0` }),
      'POST /v1/certifier/signCertificate': () => ({}),
      'POST /v1/certifications/{id}/approve': () => undefined,
      'POST /v1/certifications/{id}/refuse': () => undefined,
      'POST /v1/certifications/{id}/revoke': () => undefined,
      'POST /v1/policies/explain': () => ({
        ...{ identityKey: owner.key.toPublicKey().toString(), method: 'GET', path: '/v1/baskets' },
      }),
      'POST /v1/trust/changes': () => trustBody('cd'),
      'POST /v1/trust/changes/{id}/approvals': () => undefined,
    };
    if (!Object.hasOwn(bodies, operation)) throw new Error(`Nobody has said what ${operation} is tried with.`);
    return bodies[operation]!();
  };

  const listAttempts = (): { operation: string; method: string; path: string; body: unknown }[] =>
    Object.entries(document.paths)
      .filter(([path]) => path.startsWith('/v1/'))
      .flatMap(([path, methods]) =>
        Object.keys(methods as object).flatMap((name) => {
          const method = name.toUpperCase();
          const operation = `${method} ${path}`;
          if (OF_NOBODY.has(operation)) return [];
          const body = method === 'POST' ? bodyOf(operation) : undefined;
          return fill(path).map((filled) => ({ operation, method, path: filled, body }));
        }),
      );

  /** All that the owner can be shown of what is tried for. */
  const look = async (): Promise<unknown[]> => {
    const paths = [
      ...Object.entries(ids).map(([begin, id]) => `${begin.replace('{topic}', 'tm_documents')}/${id}`),
      ...['/v1/baskets', `/v1/baskets/${encodeURIComponent(BASKET)}/outputs`, '/v1/inventory', '/v1/offers'],
      ...['/v1/proposals', '/v1/trust', '/v1/trust/changes', '/v1/certifications', '/v1/topics/tm_documents/webhooks'],
    ];
    const seen: unknown[] = [];
    for (const path of paths) {
      const { status, json } = await owner.call(path);
      // Not each id has a page of its own; those without are in the lists.
      if (status === 200) seen.push([path, json]);
    }
    return seen;
  };

  it('is not shown to another, not changed by another, and not even said to be there', async () => {
    const before = await look();
    for (const id of Object.values(ids)) expect(JSON.stringify(before)).toContain(id);
    const attempts = listAttempts();
    expect(attempts.length).toBeGreaterThan(30);
    for (const { operation, method, path, body } of attempts) {
      const content = body === undefined ? {} : { headers: jsonHeaders, body: JSON.stringify(body) };
      const { status, text } = await stranger.call(path, { method, ...content });
      // What one sent oneself may come back in a refusal; an id stands in the path.
      const said = secrets.filter(
        (secret) =>
          text.includes(secret) && !`${decodeURIComponent(path)}${JSON.stringify(body ?? '')}`.includes(secret),
      );
      expect([operation, said]).toEqual([operation, []]);
      if (/\{(?:id|idOrTxid|outpoint)\}/u.test(operation))
        expect([operation, path, Math.floor(status / 100)]).toEqual([operation, path, 4]);
    }
    expect(await look()).toEqual(before);
  });
});
