import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeLeaf, hashState } from '#atomic-core';
import { fsck } from '#ledger';
import { type DevWallet, type DocumentToken, createTestDatabase } from '#testkit';
import { createApplication } from '../../src/application';
import { ConfigError, parseSettings, resolveConfig } from '../../src/config';
import { PolicyDecisions } from '../../src/policies';
import { issueInvoice } from './overlay-rig';
import { type Actor, PoliciesRig } from './policies-rig';
import type { RawAnswer } from './raw-caller';

const POLICIES = `
@id("everybody-asks")
permit (principal, action in [
  Action::"POST /v1/policies/explain", Action::"POST /v1/verifications", Action::"POST /v1/certificates"
], resource);

@id("submitters")
permit (principal in Role::"submitter", action in [
  Action::"POST /v1/submissions", Action::"POST /v1/submissions/batch", Action::"POST /submit", Action::"POST /v1/offers/:id/acceptances"
], resource);

@id("documents-of-acme")
permit (principal in Organisation::"acme", action == Action::"submitToTopic", resource == Topic::"tm_documents");

@id("employees-of-globex") @revocationMaxAge("10m")
permit (principal in Organisation::"globex", action == Action::"submitToTopic", resource == Topic::"tm_documents")
when { principal.certificates has employee };

@id("ship-by-two-of-three")
permit (principal in Role::"submitter", action == Action::"submitToTopic", resource == Topic::"tm_ship")
when { context has step && context.step == "release" }
when { (if context.approvals.organisations.contains(Organisation::"acme") then 1 else 0)
     + (if context.approvals.organisations.contains(Organisation::"globex") then 1 else 0)
     + (if context.approvals.organisations.contains(Organisation::"bank") then 1 else 0) >= 2 };
`;

let rig: PoliciesRig;
let wallet: DevWallet;
let documents = 0;
beforeAll(async () => {
  rig = await PoliciesRig.open({ 'topics.cedar': POLICIES });
  wallet = await rig.openWallet(1_000_000);
}, 120_000);
afterAll(async () => {
  const findings = await fsck(rig.gateway.database.owner);
  await rig.close();
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);

const issue = (): Promise<DocumentToken> => issueInvoice(wallet, `P-${String((documents += 1))}`);
const base64 = ({ beef }: DocumentToken): string => Buffer.from(beef).toString('base64');
const submit = (actor: Actor, token: DocumentToken, topics: readonly string[]): Promise<RawAnswer> =>
  rig.send(actor, 'POST', '/v1/submissions', { beef: base64(token), topics });
const deniedFor = (topic: string) => ({
  code: 'policy-denied',
  detail: expect.stringMatching(/^no policy permits submitToTopic \(policies [0-9a-f]{12}\)$/u) as string,
  at: { topic },
});
const jsonOf = ({ body }: RawAnswer): Record<string, unknown> => JSON.parse(body.toString()) as Record<string, unknown>;
const sendOctets = async (actor: Actor, url: string, body: Uint8Array, headers: Record<string, string>) =>
  (await rig.openCaller(actor)).send({ method: 'POST', url, headers, body });

describe('a submission to a topic', () => {
  it('needs a policy for the route and one for the topic', async () => {
    const token = await issue();
    // Of acme, and no submitter; a submitter, and not of acme.
    expect(await submit('bob', token, ['tm_documents'])).toMatchObject({ status: 403, code: 'policy-denied' });
    const refused = await submit('gil', token, ['tm_documents']);
    expect([refused.status, jsonOf(refused)]).toMatchObject([403, deniedFor('tm_documents')]);
    expect((await submit('ann', token, ['tm_documents'])).status).toBe(201);
  });

  it('needs one for each topic, and changes nothing where one is missing', async () => {
    const before = await rig.gateway.countAll();
    const refused = await submit('ann', await issue(), ['tm_documents', 'tm_ship']);
    // With others it would be permitted, and it says so.
    expect([refused.status, jsonOf(refused)]).toMatchObject([
      403,
      { code: 'proposal-required', at: { topic: 'tm_ship' } },
    ]);
    const { outbox: _outbox, settlement_event: _events, ...after } = await rig.gateway.countAll();
    expect(before).toMatchObject(after);
  });

  it('records the version that allowed it, with the transition and in the leaf', async () => {
    const token = await issue();
    const receipt = jsonOf(await submit('ann', token, ['tm_documents']));
    const { version } = rig.gateway.app.get(PolicyDecisions).engine;
    const [row] = await rig.gateway.database.owner.query<{ version: Buffer; leaf: Buffer }[]>(
      `select t.policy_version as version, l.leaf from portcullis.transition t join portcullis.audit_leaf l on l.index = t.leaf_index where t.id = $1`,
      [receipt['id']],
    );
    expect(row?.version.toString('hex')).toBe(version);
    const leaf = decodeLeaf(row?.leaf ?? Buffer.alloc(0));
    const facts = [`coin tm_documents ${token.txid}.0`, `basket invoices ${token.txid}.0`, `policies ${version}`];
    expect(Buffer.from(leaf?.afterHash ?? []).toString('hex')).toBe(Buffer.from(hashState(facts)).toString('hex'));
  });

  it('of a batch is judged line by line', async () => {
    const [fit, unfit] = [await issue(), await issue()];
    const lines = [
      { beef: base64(fit), topics: ['tm_documents'] },
      { beef: base64(unfit), topics: ['tm_ship'] },
    ];
    const body = Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'));
    const answer = await sendOctets('ann', '/v1/submissions/batch', body, { 'content-type': 'application/x-ndjson' });
    expect(jsonOf(answer)).toMatchObject({
      items: [{ status: 201 }, { status: 403, problem: { code: 'proposal-required' } }],
    });
    const rows = await rig.gateway.database.owner.query<{ versions: number }[]>(
      `select count(*)::int as versions from portcullis.transition where policy_version is null`,
    );
    expect(rows).toEqual([{ versions: 0 }]);
  });

  it('over the overlay route is judged alike', async () => {
    const token = await issue();
    const headers = { 'content-type': 'application/octet-stream', 'x-bsv-topics': '["tm_documents"]' };
    expect(jsonOf(await sendOctets('gil', '/submit', token.beef, headers))).toMatchObject({
      status: 'error',
      code: 'policy-denied',
    });
    expect((await sendOctets('ann', '/submit', token.beef, headers)).status).toBe(200);
  });

  it('is foretold by a verification', async () => {
    const question = { beef: base64(await issue()), topics: ['tm_ship'] };
    const foretold = await rig.send('ann', 'POST', '/v1/verifications', question);
    expect([foretold.status, jsonOf(foretold)]).toMatchObject([
      200,
      { accepted: false, stage: 'plan', code: 'proposal-required', next: 'stop' },
    ]);
    const fit = await rig.send('ann', 'POST', '/v1/verifications', { ...question, topics: ['tm_documents'] });
    expect(jsonOf(fit)).toMatchObject({ accepted: true });
  });

  it('by a certificate is allowed as long as that stands', async () => {
    const { outpoint, spend } = await rig.makeCoin();
    await rig.present('gil', 'buyer', outpoint);
    const receipt = jsonOf(await submit('gil', await issue(), ['tm_documents']));
    const relied = await rig.gateway.database.owner.query<unknown[]>(
      `select state, source from portcullis.reliance where transition_id = $1`,
      [receipt['id']],
    );
    expect(relied).toEqual([{ state: 'good', source: expect.stringMatching(/^whatsonchain /u) as string }]);
    await spend();
    await rig.ageFindings('gil');
    const refused = await submit('gil', await issue(), ['tm_documents']);
    expect([refused.status, jsonOf(refused)]).toMatchObject([
      403,
      { code: 'policy-denied', detail: expect.stringContaining('revoked: employee') as string },
    ]);
  });
});

describe('explained', () => {
  it('is a submission as its route and its topic', async () => {
    const question = { method: 'POST', path: '/v1/submissions', topic: 'tm_documents' };
    expect(await rig.explain('bob', question)).toMatchObject({
      decision: 'refuse',
      decisions: [
        {
          action: 'POST /v1/submissions',
          decision: 'refuse',
          missing: [{ id: 'submitters', wants: ['principal in Role::"submitter"'] }],
        },
        { action: 'submitToTopic', decision: 'permit', policies: [{ id: 'documents-of-acme' }] },
      ],
    });
  });

  it('are who has signed, and the step', async () => {
    const ask = async (approvals: string[], step?: string): Promise<unknown> =>
      (await rig.explain('ann', { topic: 'tm_ship', approvals, ...(step !== undefined && { step }) }))['decision'];
    expect(await ask(['acme', 'bank'], 'release')).toBe('permit');
    expect([
      await ask(['acme', 'acme'], 'release'),
      await ask(['acme', 'umbrella'], 'release'),
      await ask(['acme', 'bank'], 'draft'),
      await ask(['acme', 'bank']),
    ]).toEqual(['refuse', 'refuse', 'refuse', 'refuse']);
  });
});

describe('a start', () => {
  it.each([
    [
      'does not parse',
      '@id("a") permit (principal, action, resource);\n@id("b") permit (all);',
      /^bad\.cedar:2:\d+: .+\.$/u,
    ],
    [
      'names a route that there is not',
      '@id("a")\npermit (principal, action == Action::"POST /v1/submision", resource);',
      /^bad\.cedar:2:\d+: unrecognized action .+did you mean.+\.$/u,
    ],
  ])('is refused with one sentence where a policy %s', async (_what, text, sentence) => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-bad-policies-'));
    const database = await createTestDatabase();
    writeFileSync(join(folder, 'bad.cedar'), text);
    try {
      const settings = { databaseUrl: database.url, identityKey: '11'.repeat(32), metricsPort: 0, logLevel: 'silent' };
      const config = resolveConfig(parseSettings({ ...settings, role: 'api', policies: folder }));
      const error: unknown = await createApplication(config)
        .then(async (app) => app.init())
        .catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toMatch(sentence);
    } finally {
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
