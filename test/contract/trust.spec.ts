import { AuthFetch } from '@bsv/sdk';
import { openGatewayKeys, writeBundleJson, writeTrustBundle, type TrustBundle } from '#atomic-core';
import { fsck } from '#ledger';
import { CertificateWallet, waitUntil } from '#testkit';
import { list, post } from './certificates-rig';
import { RawCaller } from './raw-caller';
import { ask, certifier, endorse, openSite, ruleOf, showCertificate, type Site } from './trust-rig';

const SOON_MS = 1_500;

/** Acme runs the one gateway, Globex the other; Initech is a tenant of Globex's. Nobody administers both. */
let acme: Site;
let globex: Site;

const wallets = Array.from({ length: 5 }, () => new CertificateWallet()) as [
  CertificateWallet,
  CertificateWallet,
  CertificateWallet,
  CertificateWallet,
  CertificateWallet,
];
const acmeKeys = openGatewayKeys('a'.repeat(64));

beforeAll(async () => {
  const [ann, gil, guy, ivy] = wallets;
  acme = await openSite({ digit: 'a', organisations: { acme: [ann] } });
  const organisations = { globex: [gil, guy], initech: [ivy] };
  const settings = { operator: 'globex', trustApprovals: { globex: 2 } };
  globex = await openSite({ digit: 'b', organisations, settings });
}, 120_000);
afterAll(async () => {
  const broken = await Promise.all([acme, globex].map(async ({ gateway }) => fsck(gateway.pool)));
  await Promise.all([acme, globex].map(({ gateway }) => gateway.stop()));
  expect(broken.flat().filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);

const ann = () => acme.members[0]!;
const gil = () => globex.members[0]!;
const guy = () => globex.members[1]!;
const ivy = () => globex.members[2]!;

/** Proposed by the one, agreed to by the other. */
const agree = async (path: string, body: unknown) => {
  const proposed = await ask(gil(), 'POST', path, body);
  expect([proposed.status, proposed.json['state'], proposed.code]).toEqual([201, 'proposed', undefined]);
  return ask(guy(), 'POST', `/changes/${String(proposed.json['id'])}/approvals`);
};
const listRules = async (caller: RawCaller, query = '') =>
  (await ask(caller, 'GET', query)).json['rules'] as readonly Record<string, unknown>[];
const exportBundle = async () => (await ask(ann(), 'GET', '/bundle')).json as { bundle: object; signature: string };
const signAsAcme = (over: Partial<TrustBundle>) => {
  const bundle: TrustBundle = {
    ...{ issuer: acme.key, organisation: 'acme', sequence: Number.MAX_SAFE_INTEGER, rules: [] },
    ...{ issuedAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 3_600_000).toISOString(), ...over },
  };
  const signature = Buffer.from(acmeKeys.signTrustBundle(writeTrustBundle(bundle))).toString('hex');
  return { bundle: writeBundleJson(bundle), signature };
};

describe('two organisations on two gateways', () => {
  it('accept the certificates of each other from a known moment, until another known moment', async () => {
    const endorsement = await endorse(acme.key, 'acme');
    expect(await ask(ann(), 'POST', '/changes', ruleOf({ endorsement }))).toMatchObject({
      ...{ status: 201, json: { state: 'effective', kind: 'add' } },
    });
    // A certifier that Acme trusts and that is nobody of Acme's stays with Acme.
    const foreign = { ...ruleOf(), certifier: globex.key };
    expect(await ask(ann(), 'POST', '/changes', foreign)).toMatchObject({ status: 201 });
    const exported = await exportBundle();
    expect(exported.bundle).toMatchObject({ issuer: acme.key, rules: [{ certifier: certifier.identityKey }] });

    const stranger = new CertificateWallet();
    const caller = await RawCaller.open(globex.gateway.origin, stranger);
    const shown = await showCertificate(stranger, globex.key);
    expect(await post(caller, shown)).toMatchObject({ status: 403, code: 'certificate-untrusted' });
    expect(await ask(gil(), 'POST', '/bundles', exported)).toMatchObject({
      status: 403,
      code: 'trust-bundle-unpinned',
    });
    const pin = { kind: 'pin', gateway: acme.key, organisation: 'acme' };
    expect(await agree('/changes', pin)).toMatchObject({ status: 200, json: { state: 'effective' } });

    const begins = new Date(Date.now() + SOON_MS).toISOString();
    const imported = await agree('/bundles', { ...exported, effectiveAt: begins });
    expect(imported).toMatchObject({ status: 200, json: { state: 'scheduled', tookEffectAt: begins } });
    expect(await post(caller, shown)).toMatchObject({ status: 403, code: 'certificate-untrusted' });
    await waitUntil('the moment has come', async () => (await listRules(gil())).length === 1);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(begins) - 50);
    expect(await listRules(gil())).toMatchObject([
      {
        certifier: certifier.identityKey,
        source: { gateway: acme.key, organisation: 'acme' },
        isExported: false,
        validFrom: begins,
      },
    ]);
    expect(await post(caller, shown)).toMatchObject({ status: 201 });
    expect(await list(caller)).toMatchObject([{ state: 'held', certifier: certifier.identityKey }]);
    // And an unmodified client presents its own by itself.
    const other = new CertificateWallet();
    await showCertificate(other, globex.key);
    const client = new AuthFetch(other);
    await waitUntil('the certificate was presented', async () => {
      const answer = await client.fetch(`${globex.gateway.origin}/v1/certificates`);
      return ((await answer.json()) as { certificates: unknown[] }).certificates.length === 1;
    });

    const [rule] = await listRules(gil());
    const ends = new Date(Date.now() + SOON_MS).toISOString();
    await agree('/changes', { kind: 'end', id: rule!['id'], effectiveAt: ends });
    expect(await list(caller)).toMatchObject([{ state: 'held' }]);
    await waitUntil('the rule has ended', async () => (await listRules(gil())).length === 0);
    expect(await list(caller)).toMatchObject([{ state: 'untrusted' }]);
    expect(await post(caller, shown)).toMatchObject({ status: 403, code: 'certificate-untrusted' });
    // What was trusted then is still to be seen.
    expect(await listRules(gil(), `?at=${begins}`)).toMatchObject([{ id: rule!['id'], validUntil: ends }]);
    expect(await listRules(gil(), `?at=${ends}`)).toEqual([]);
  });

  it('refuse what is forged, replayed, for another organisation, or of a certifier that is not theirs', async () => {
    const fresh = await exportBundle();
    await agree('/bundles', fresh);
    const newer = await exportBundle();
    const { sequence } = newer.bundle as { sequence: number };
    const [good] = (newer.bundle as { rules: TrustBundle['rules'] }).rules;
    const hour = new Date(Date.now() - 3_600_000).toISOString();
    const cases: readonly [string, RawCaller, unknown, number, string][] = [
      ['replayed', gil(), fresh, 409, 'trust-bundle-stale'],
      ['older', gil(), signAsAcme({ sequence: 1 }), 409, 'trust-bundle-stale'],
      [
        'forged',
        gil(),
        { ...newer, bundle: { ...newer.bundle, sequence: sequence + 1 } },
        422,
        'trust-bundle-signature-invalid',
      ],
      ['signed by nobody', gil(), { ...newer, signature: fresh.signature }, 422, 'trust-bundle-signature-invalid'],
      ['of the issuer for somebody else', gil(), signAsAcme({ organisation: 'initech' }), 403, 'trust-bundle-unpinned'],
      ['to a tenant that pinned nobody', ivy(), newer, 403, 'trust-bundle-unpinned'],
      [
        'over',
        gil(),
        signAsAcme({ issuedAt: new Date(Date.parse(hour) - 1).toISOString(), expiresAt: hour }),
        409,
        'trust-bundle-expired',
      ],
      [
        "with Globex's certifier",
        gil(),
        signAsAcme({ rules: [{ ...good!, certifier: globex.key, until: undefined }] }),
        422,
        'trust-certifier-foreign',
      ],
      [
        'with an endorsement for somebody else',
        gil(),
        signAsAcme({ rules: [{ ...good!, until: undefined, endorsement: await endorse(acme.key, 'hooli') }] }),
        422,
        'trust-certifier-foreign',
      ],
      [
        'with a member too many',
        gil(),
        { ...newer, bundle: { ...newer.bundle, more: 1 } },
        400,
        'trust-bundle-malformed',
      ],
      [
        'with too many rules',
        gil(),
        { ...newer, bundle: { ...newer.bundle, rules: Array.from({ length: 65 }, () => good) } },
        400,
        'trust-bundle-malformed',
      ],
      ['too large', gil(), JSON.stringify({ ...newer, effectiveAt: 'x'.repeat(270_000) }), 413, 'body-too-large'],
      [
        'with a key twice',
        gil(),
        JSON.stringify(newer).replace('"sequence":', '"sequence":1,"sequence":'),
        400,
        'request-malformed',
      ],
    ];
    for (const [name, caller, body, status, code] of cases)
      expect([name, await ask(caller, 'POST', '/bundles', body)]).toMatchObject([name, { status, code }]);
    expect(await listRules(gil())).toHaveLength(1);
  });

  it('take a bundle whose members come in another order for what it is, once', async () => {
    const { bundle, signature } = await exportBundle();
    const reordered = Object.fromEntries(Object.entries(bundle).reverse());
    expect(await agree('/bundles', { signature, bundle: reordered })).toMatchObject({ json: { state: 'effective' } });
    expect(await ask(gil(), 'POST', '/bundles', { bundle, signature })).toMatchObject({ code: 'trust-bundle-stale' });
  });

  it('end what came from the other with the pin', async () => {
    const [pin] = (await ask(gil(), 'GET', '')).json['pins'] as Record<string, unknown>[];
    expect(pin).toMatchObject({ gateway: acme.key, organisation: 'acme', validUntil: null });
    await agree('/changes', { kind: 'end', id: pin!['id'] });
    expect((await ask(gil(), 'GET', '')).json).toMatchObject({ rules: [], pins: [], approvalsNeeded: 2 });
    expect(await ask(gil(), 'POST', '/bundles', await exportBundle())).toMatchObject({ code: 'trust-bundle-unpinned' });
  });
});

describe('a change', () => {
  it('takes the second person where the policy says so, is seen by its own organisation alone, and can be withdrawn', async () => {
    const proposed = await ask(gil(), 'POST', '/changes', ruleOf());
    const { id } = proposed.json as { id: string };
    expect(proposed).toMatchObject({
      status: 201,
      json: { state: 'proposed', approvalsNeeded: 2, tookEffectAt: null },
    });
    expect(proposed.headers.get('location')).toBe(`/v1/trust/changes/${id}`);
    expect(await ask(gil(), 'POST', `/changes/${id}/approvals`)).toMatchObject({ json: { state: 'proposed' } });
    for (const [method, path] of [
      ['GET', `/changes/${id}`],
      ['DELETE', `/changes/${id}`],
      ['POST', `/changes/${id}/approvals`],
    ] as const)
      expect(await ask(ivy(), method, path)).toMatchObject({ status: 404, code: 'trust-change-unknown' });
    expect((await ask(ivy(), 'GET', '/changes')).json).toEqual({ changes: [], next: null });
    expect(await ask(guy(), 'DELETE', `/changes/${id}`)).toMatchObject({ json: { state: 'withdrawn' } });
    expect(await ask(guy(), 'POST', `/changes/${id}/approvals`)).toMatchObject({
      status: 409,
      code: 'trust-change-ended',
    });
    const page = await ask(gil(), 'GET', '/changes?limit=1');
    expect(page.json['changes']).toMatchObject([{ id, withdrawnBy: guy().identityKey }]);
    expect(
      (await ask(gil(), 'GET', `/changes?limit=1&before=${String(page.json['next'])}`)).json['changes'],
    ).not.toMatchObject([{ id }]);
  });

  it('of one tenant opens nothing to the others, nor to callers from outside', async () => {
    expect(await ask(ivy(), 'POST', '/changes', ruleOf())).toMatchObject({ json: { state: 'effective' } });
    const stranger = new CertificateWallet();
    const outside = await RawCaller.open(globex.gateway.origin, stranger);
    expect(await post(outside, await showCertificate(stranger, globex.key))).toMatchObject({
      code: 'certificate-untrusted',
    });
    const [, gilWallet, , ivyWallet] = wallets;
    expect(await post(gil(), await showCertificate(gilWallet, globex.key))).toMatchObject({
      code: 'certificate-untrusted',
    });
    expect(await post(ivy(), await showCertificate(ivyWallet, globex.key))).toMatchObject({ status: 201 });
  });

  it('is not for those who belong to no organisation here: they would vouch for themselves', async () => {
    const outside = await RawCaller.open(globex.gateway.origin, new CertificateWallet());
    for (const answer of [
      await ask(outside, 'GET', ''),
      await ask(outside, 'GET', '/bundle'),
      await ask(outside, 'POST', '/changes', ruleOf()),
      await ask(outside, 'POST', '/bundles', await exportBundle()),
    ])
      expect(answer).toMatchObject({ status: 403, code: 'trust-registry-absent' });
  });

  it.each([
    ['of no kind', { kind: 'grant' }, 'request-malformed'],
    ['with a key that is none', { ...ruleOf(), certifier: `02${'ff'.repeat(32)}` }, 'request-malformed'],
    ['with a type that is none', { ...ruleOf(), type: 'AAAA' }, 'request-malformed'],
    ['with a field twice', { ...ruleOf(), fields: ['a', 'a'] }, 'request-malformed'],
    ['with a member too many', { ...ruleOf(), price: 7 }, 'request-malformed'],
    ['at no moment', { ...ruleOf(), effectiveAt: 'tomorrow' }, 'request-malformed'],
    ['with an endorsement of nobody', { ...ruleOf(), endorsement: '30'.repeat(70) }, 'trust-certifier-foreign'],
    [
      'to the end of what is not there',
      { kind: 'end', id: '00000000-0000-0000-0000-000000000000' },
      'trust-rule-unknown',
    ],
  ])('%s is refused', async (_, body, code) => {
    expect(await ask(ann(), 'POST', '/changes', body)).toMatchObject({ code });
  });
});
