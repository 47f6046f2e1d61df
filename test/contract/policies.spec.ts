import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayAdapter } from '../../src/ingress';
import { PolicyDecisions } from '../../src/policies';
import { openEngine } from '../../src/policies/engine/open-engine';
import { PoliciesRig, keyOf } from './policies-rig';
import { sendHttp } from './raw-caller';

const PEOPLE = `
@id("about-oneself")
permit (principal, action in [
  Action::"GET /v1/identity", Action::"POST /v1/policies/explain",
  Action::"POST /v1/certificates", Action::"DELETE /v1/certificates"
], resource);

@id("auditors-read")
permit (principal in Role::"auditor", action in Action::"read", resource);

@id("acme-baskets")
permit (principal in Organisation::"acme", action == Action::"GET /v1/baskets", resource);

@id("documents-are-read")
permit (principal, action == Action::"GET /v1/topics/:topic", resource == Topic::"tm_documents");
`;
const CERTIFIED = `
@id("buyers")
permit (principal, action == Action::"GET /v1/offers", resource)
when { principal.certificates has employee && principal.certificates.employee.fields.role == "buyer" };

@id("fresh-employees") @revocationMaxAge("10m")
permit (principal, action == Action::"GET /v1/inventory", resource)
when { principal.certificates has employee };
`;

let rig: PoliciesRig;
beforeAll(async () => {
  rig = await PoliciesRig.open({ 'people.cedar': PEOPLE, 'certified.cedar': CERTIFIED });
}, 120_000);
afterAll(() => rig.close(), 60_000);

const DENIED = [403, 'policy-denied'];
const OK = [200, undefined];

describe('a route', () => {
  it('is for those whom a policy permits it, by role, by organisation, by topic', async () => {
    expect([await rig.get('eve', '/v1/topics'), await rig.get('ann', '/v1/topics')]).toEqual([OK, DENIED]);
    expect([await rig.get('bob', '/v1/baskets'), await rig.get('gil', '/v1/baskets')]).toEqual([OK, DENIED]);
    expect([await rig.get('sue', '/v1/topics/tm_documents'), await rig.get('sue', '/v1/topics/tm_ship')]).toEqual([
      OK,
      DENIED,
    ]);
  });

  it('says who decided, and by which version, which anybody can compute from the text', async () => {
    const { body } = await rig.send('ann', 'GET', '/v1/topics');
    const version = createHash('sha256')
      .update(CERTIFIED + PEOPLE)
      .digest('hex');
    expect(JSON.parse(body.toString())).toMatchObject({
      detail: `no policy permits GET /v1/topics (policies ${version.slice(0, 12)})`,
      next: 'stop',
    });
    const { checks } = (await (await fetch(`${rig.gateway.url}/health/ready`)).json()) as { checks: unknown };
    expect(checks).toMatchObject({ policies: { ok: true, detail: `version ${version}` } });
  });

  it('is the same route however its path is written', async () => {
    expect(await rig.get('ann', '/%76%31/%74opics')).toEqual(DENIED);
    expect(await rig.get('sue', '/v1/topics/tm%5Fship')).toEqual(DENIED);
    expect(await rig.get('sue', '/v1/topics/tm%5Fdocuments')).toEqual(OK);
    expect(await rig.get('ann', '/v1/topics?limit=1&x=/v1/identity')).toEqual(DENIED);
  });

  it('that there is not is told as such, and other methods open nothing', async () => {
    expect(await rig.get('ann', '/v1/none')).toEqual([404, 'route-not-found']);
    for (const method of ['HEAD', 'OPTIONS', 'PUT']) {
      const { status, body } = await rig.send('ann', method, '/v1/topics');
      expect([method, status, body.toString().includes('tm_documents')]).toEqual([method, 405, false]);
    }
  });

  it('is an action, each of them, and is named as it is documented', () => {
    const { engine } = rig.gateway.app.get(PolicyDecisions);
    const adapter = rig.gateway.app.getHttpAdapter() as unknown as GatewayAdapter;
    const routes = adapter.listRoutes().filter(({ pattern }) => pattern.startsWith('/v1/'));
    expect(routes.length).toBeGreaterThan(30);
    for (const { method, pattern } of routes) expect(engine.actions.get(`${method} ${pattern}`)).toBeDefined();
    const reads = [...engine.actions.values()].filter(
      ({ name, group }) => group === 'read' && !name.startsWith('GET '),
    );
    // Named by hand: each has to be a route that there is.
    expect(reads.map(({ name }) => name).sort()).toEqual([
      'POST /lookup',
      'POST /requestForeignGASPNode',
      'POST /requestSyncResponse',
      'POST /v1/lookup',
      'POST /v1/policies/explain',
      'POST /v1/verifications',
      'POST /v1/wallet/listOutputs',
    ]);
  });

  it('can be named as the README does', async () => {
    const readme = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');
    const [single = '', several = ''] = [...readme.matchAll(/```cedar\n(.*?)```/gsu)].map(([, text]) => text);
    const { actions } = rig.gateway.app.get(PolicyDecisions).engine;
    const open = (text: string) =>
      openEngine([{ file: 'README.md', text }], actions, [{ name: 'employee', fields: ['role'] }]);
    expect((await open(single)).listApplicable('submitToTopic').map(({ id }) => id)).toEqual([
      'buyers-order',
      'release-by-two-of-three',
    ]);
    const together = await open(several);
    const listed = (action: string) => together.listApplicable(action).map(({ id }) => id);
    expect(listed('approveForTopic')).toEqual(['approvers', 'approvers-of-others']);
    expect(listed('POST /v1/proposals/:id/approvals')).toEqual(['whoever-is-asked-looks-and-answers']);
    expect(listed('POST /v1/proposals')).toEqual(['submitters-propose']);
  });

  it('outside /v1 is judged for those who give their name, and not for those who give none', async () => {
    // As 400, in the words of the overlay protocol.
    expect(await rig.get('ann', '/listTopicManagers')).toEqual([400, 'policy-denied']);
    expect(await rig.get('eve', '/listTopicManagers')).toEqual(OK);
    expect(await sendHttp(rig.gateway.url, { method: 'GET', url: '/listTopicManagers' })).toMatchObject({
      status: 401,
      code: 'auth-required',
    });
    expect(await sendHttp(rig.gateway.url, { method: 'GET', url: '/health/live' })).toMatchObject({ status: 200 });
  });

  it('is for everybody where nobody wrote a policy', async () => {
    const { app, url } = await rig.gateway.openReplica({ policies: undefined });
    try {
      for (const path of ['/v1/topics', '/v1/baskets', '/v1/offers', '/v1/inventory', '/listTopicManagers']) {
        const caller = await rig.openCaller('sue', url);
        expect([path, (await caller.send({ method: 'GET', url: path })).status]).toEqual([path, 200]);
      }
    } finally {
      await app.close();
    }
  });
});

describe('a route that wants a certificate', () => {
  it('is for those who presented one with the right field, until it is erased', async () => {
    expect(await rig.get('bob', '/v1/offers')).toEqual(DENIED);
    await rig.present('bob', 'seller', (await rig.makeCoin()).outpoint);
    expect(await rig.get('bob', '/v1/offers')).toEqual(DENIED);
    await rig.present('bob', 'buyer', (await rig.makeCoin()).outpoint);
    expect(await rig.get('bob', '/v1/offers')).toEqual(OK);
    expect(await rig.get('sue', '/v1/offers')).toEqual(DENIED);
    expect((await rig.send('bob', 'DELETE', '/v1/certificates')).status).toBe(200);
    expect(await rig.get('bob', '/v1/offers')).toEqual(DENIED);
    const { decisions } = await rig.explain('bob', { action: 'GET /v1/offers' });
    expect(decisions).toMatchObject([{ certificates: [{ name: 'employee', state: 'erased' }] }]);
  });

  it('asks again where the answer is older than the policy takes, and closes once it is revoked', async () => {
    const { outpoint, spend } = await rig.makeCoin();
    await rig.present('ann', 'buyer', outpoint);
    expect(await rig.get('ann', '/v1/inventory')).toEqual(OK);
    await rig.ageFindings('ann');
    expect(await rig.get('ann', '/v1/inventory')).toEqual(OK);
    await spend();
    // For ten minutes the last answer is what the policy takes.
    expect(await rig.get('ann', '/v1/inventory')).toEqual(OK);
    await rig.ageFindings('ann');
    expect(await rig.get('ann', '/v1/inventory')).toEqual(DENIED);
    rig.forget('ann');
    const explained = await rig.explain('ann', { method: 'GET', path: '/v1/inventory' });
    expect(explained).toMatchObject({
      decision: 'refuse',
      decisions: [
        {
          code: 'policy-denied',
          detail: expect.stringContaining('revoked: employee') as string,
          certificates: [{ name: 'employee', state: 'revoked' }],
        },
      ],
    });
  });

  it('is closed, for now, where nobody can say', async () => {
    await rig.present('gil', 'buyer', (await rig.makeCoin()).outpoint);
    await rig.ageFindings('gil');
    const { app, url } = await rig.gateway.openReplica({
      revocationSources: [{ kind: 'whatsonchain', url: 'http://127.0.0.1:9/v1/bsv/test', apiKey: undefined }],
    });
    try {
      const caller = await rig.openCaller('gil', url);
      expect(await caller.send({ method: 'GET', url: '/v1/inventory' })).toMatchObject({
        status: 503,
        code: 'revocation-unknown',
      });
      // A policy that asks for no age takes what was found out when it was presented.
      expect(await caller.send({ method: 'GET', url: '/v1/offers' })).toMatchObject({ status: 200 });
    } finally {
      await app.close();
    }
  });
});

describe('POST /v1/policies/explain', () => {
  it('says what is permitted, by which text', async () => {
    const explained = await rig.explain('eve', { method: 'GET', path: '/v1/topics/tm_ship/outputs?limit=1' });
    expect(explained).toMatchObject({
      ...{ identityKey: keyOf('eve'), organisation: 'acme', roles: ['auditor'], decision: 'permit' },
      policyVersion: rig.gateway.app.get(PolicyDecisions).engine.version,
      decisions: [
        {
          action: 'GET /v1/topics/:topic/outputs',
          resource: { type: 'Topic', id: 'tm_ship' },
          policies: [{ id: 'auditors-read', effect: 'permit', file: 'people.cedar' }],
          ...{ code: null, missing: [], certificates: [] },
        },
      ],
    });
    expect(JSON.stringify(explained)).toContain('permit (principal in Role::\\"auditor\\"');
  });

  it('says what is missing for another, who is a member of one’s own organisation', async () => {
    const explained = await rig.explain('ann', { identityKey: keyOf('eve'), action: 'GET /v1/offers' });
    expect(explained).toMatchObject({ identityKey: keyOf('eve'), roles: ['auditor'], decision: 'permit' });
    const { decisions } = await rig.explain('eve', { identityKey: keyOf('bob'), action: 'GET /v1/offers' });
    const [{ missing }] = decisions as [{ missing: { id: string; wants: string[] }[] }];
    expect(missing.map(({ id, wants }) => [id, wants])).toEqual([
      ['auditors-read', ['principal in Role::"auditor"']],
      ['buyers', ['principal.certificates has employee', 'principal.certificates.employee.fields.role == "buyer"']],
    ]);
  });

  it('says nothing of those of another organisation, nor that there are any', async () => {
    for (const [caller, asked] of [
      ['ann', 'gil'],
      ['ann', 'sue'],
      ['sue', 'ann'],
    ] as const) {
      const question = { identityKey: keyOf(asked), action: 'GET /v1/topics' };
      const { status, code, body } = await rig.send(caller, 'POST', '/v1/policies/explain', question);
      expect([status, code]).toEqual(DENIED);
      expect(body.toString()).not.toMatch(/globex|acme/u);
    }
  });

  it.each([
    ['nothing', {}],
    ['two things at once', { action: 'GET /v1/topics', method: 'GET', path: '/v1/topics' }],
    ['half a route', { method: 'GET' }],
    ['an action that there is not', { action: 'GET /v1/none' }],
    ['a route that there is not', { method: 'GET', path: '/v1/none' }],
    ['a topic’s route without the topic', { action: 'GET /v1/topics/:topic' }],
    ['what is no topic', { topic: 'documents' }],
    ['somebody who is no identity', { identityKey: 'acme', topic: 'tm_documents' }],
    ['an organisation, as if one could choose it', { organisation: 'globex', topic: 'tm_documents' }],
    ['more approvals than there are parties', { topic: 'tm_documents', approvals: Array(65).fill('a') }],
  ])('refuses a question about %s', async (_what, question) => {
    const { status, code } = await rig.send('ann', 'POST', '/v1/policies/explain', question);
    expect([status, code]).toEqual([400, 'request-malformed']);
  });
});
