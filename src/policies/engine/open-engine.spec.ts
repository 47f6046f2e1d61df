import { nameMachine, namePerson } from '../../identity';
import { DEFAULT_POLICY } from './default-policy';
import { permitEverything } from './permit-everything';
import type { PolicyQuestion } from './policy';
import { NOW_MS, askTest, employee, openTestEngine, testActions } from './test-engine';

const GATEWAY = { type: 'Gateway', id: 'this' } as const;
const idsOf = ({ permitted, policies }: { permitted: boolean; policies: readonly { id: string }[] }) => [
  permitted,
  ...policies.map(({ id }) => id),
];

describe('who', () => {
  it('is asked by identity, by organisation and by role', async () => {
    const key = `02${'aa'.repeat(32)}`;
    const engine = await openTestEngine(`
      @id("ann") permit (principal == Identity::"${key}", action == Action::"POST /v1/offers", resource);
      @id("acme") permit (principal in Organisation::"acme", action == Action::"POST /v1/submissions", resource);
      @id("approvers") permit (principal in Role::"approver", action == Action::"submitToTopic", resource);`);
    const other = { identityKey: `03${'bb'.repeat(32)}`, organisation: 'globex' };
    const offer = { action: 'POST /v1/offers', resource: GATEWAY };
    const submit = { action: 'POST /v1/submissions', resource: GATEWAY };
    expect(idsOf(engine.evaluate(askTest(offer)))).toEqual([true, 'ann']);
    expect(idsOf(engine.evaluate(askTest({ ...offer, ...other })))).toEqual([false]);
    expect(idsOf(engine.evaluate(askTest(submit)))).toEqual([true, 'acme']);
    expect(idsOf(engine.evaluate(askTest({ ...submit, ...other })))).toEqual([false]);
    expect(idsOf(engine.evaluate(askTest({ roles: ['approver'] })))).toEqual([true, 'approvers']);
    expect(idsOf(engine.evaluate(askTest({ roles: ['submitter'] })))).toEqual([false]);
  });

  it('is asked by a certificate, by the value of a field, and by when it was presented', async () => {
    const engine = await openTestEngine(`
      @id("buyers") permit (principal, action == Action::"submitToTopic", resource)
      when { principal.certificates has employee && principal.certificates.employee.fields.role == "buyer" }
      when { context.now.durationSince(principal.certificates.employee.presentedAt) < duration("30d") };`);
    const ask = (role: string, ageDays: number) =>
      engine.evaluate(askTest({ certificates: [employee(role, NOW_MS - ageDays * 86_400_000)] })).permitted;
    expect([ask('buyer', 1), ask('seller', 1), ask('buyer', 31)]).toEqual([true, false, false]);
    expect(engine.evaluate(askTest()).permitted).toBe(false);
  });
});

describe('what', () => {
  it('is one topic and not another, for reading as for submitting', async () => {
    const engine = await openTestEngine(`
      @id("documents") permit (principal, action, resource == Topic::"tm_documents");`);
    const read = { action: 'GET /v1/topics/:topic' };
    expect(engine.evaluate(askTest()).permitted).toBe(true);
    expect(engine.evaluate(askTest(read)).permitted).toBe(true);
    expect(engine.evaluate(askTest({ resource: { type: 'Topic', id: 'tm_secret' } })).permitted).toBe(false);
    expect(engine.evaluate(askTest({ action: 'GET /v1/identity', resource: GATEWAY })).permitted).toBe(false);
  });

  it('is everything that reads, or everything that writes, by a group', async () => {
    const engine = await openTestEngine(`
      @id("auditors-read") permit (principal in Role::"auditor", action in Action::"read", resource);`);
    const ask = (action: string, resource: typeof GATEWAY | { type: 'Topic'; id: string } = GATEWAY) =>
      engine.evaluate(askTest({ roles: ['auditor'], action, resource })).permitted;
    expect([ask('GET /v1/identity'), ask('GET /v1/topics/:topic', { type: 'Topic', id: 'tm_a' })]).toEqual([
      true,
      true,
    ]);
    expect([ask('POST /v1/submissions'), engine.evaluate(askTest({ roles: ['auditor'] })).permitted]).toEqual([
      false,
      false,
    ]);
  });

  it('is one step of a workflow', async () => {
    const engine = await openTestEngine(`
      @id("release") permit (principal in Role::"approver", action == Action::"submitToTopic", resource)
      when { context has step && context.step == "release" };`);
    const ask = (step: string | undefined) => engine.evaluate(askTest({ roles: ['approver'], step })).permitted;
    expect([ask('release'), ask('draft'), ask(undefined)]).toEqual([true, false, false]);
  });
});

describe('how many must have signed', () => {
  it('is any number of organisations, counted once each', async () => {
    const engine = await openTestEngine(`
      @id("two") permit (principal, action == Action::"submitToTopic", resource) when { context.approvals.count >= 2 };`);
    const ask = (...approvals: string[]) => engine.evaluate(askTest({ approvals })).permitted;
    expect([ask('acme'), ask('acme', 'acme'), ask('acme', 'globex')]).toEqual([false, false, true]);
  });

  it('is certain ones, or two of three', async () => {
    const engine = await openTestEngine(`
      @id("two-of-three") permit (principal, action == Action::"submitToTopic", resource)
      when { context.approvals.organisations.contains(Organisation::"bank") }
      when { (if context.approvals.organisations.contains(Organisation::"acme") then 1 else 0)
           + (if context.approvals.organisations.contains(Organisation::"globex") then 1 else 0)
           + (if context.approvals.organisations.contains(Organisation::"initech") then 1 else 0) >= 2 };`);
    const ask = (...approvals: string[]) => engine.evaluate(askTest({ approvals })).permitted;
    expect(ask('bank', 'acme', 'initech')).toBe(true);
    expect([ask('acme', 'globex', 'initech'), ask('bank', 'acme'), ask('bank', 'acme', 'umbrella')]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('a decision', () => {
  it('names the forbids that decided against the permits', async () => {
    const engine = await openTestEngine(
      '@id("all") permit (principal, action, resource);',
      '@id("not-globex") forbid (principal in Organisation::"globex", action, resource);',
    );
    expect(idsOf(engine.evaluate(askTest()))).toEqual([true, 'all']);
    expect(idsOf(engine.evaluate(askTest({ organisation: 'globex' })))).toEqual([false, 'not-globex']);
  });

  it('that cannot change is remembered for its caller, and for nobody else', async () => {
    const engine = await openTestEngine('@id("acme") permit (principal in Organisation::"acme", action, resource);');
    const first = engine.evaluate(askTest());
    expect(engine.evaluate(askTest())).toBe(first);
    expect(engine.evaluate(askTest({ organisation: 'globex' })).permitted).toBe(false);
    expect(engine.evaluate(askTest({ resource: { type: 'Topic', id: 'tm_other' } }))).not.toBe(first);
  });

  it('that can change is never remembered', async () => {
    const engine = await openTestEngine(`
      @id("held") permit (principal, action, resource) when { principal.certificates has auditor };`);
    const auditor = { ...employee(''), name: 'auditor', fields: new Map<string, string>() };
    expect(engine.evaluate(askTest({ certificates: [auditor] })).permitted).toBe(true);
    expect(engine.evaluate(askTest()).permitted).toBe(false);
  });

  it('fails where a forbid fails: passed over, it would be a permit', async () => {
    const engine = await openTestEngine(`
      @id("all") permit (principal, action, resource);
      @id("overflows") forbid (principal, action, resource) when { 9223372036854775807 + context.approvals.count > 0 };`);
    expect(() => engine.evaluate(askTest({ approvals: ['acme'] }))).toThrow(/"overflows" failed/u);
  });

  it('about an action that there is not is a fault', async () => {
    const engine = await openTestEngine('@id("all") permit (principal, action, resource);');
    expect(() => engine.evaluate(askTest({ action: 'GET /v1/none' }))).toThrow(/no action/u);
    expect(() => engine.evaluate(askTest({ resource: GATEWAY }))).toThrow(/no action/u);
  });
});

describe('what is missing', () => {
  it('is said of the permit that lacks least, in its own words', async () => {
    const engine = await openTestEngine(`
      @id("far") permit (principal in Role::"owner", action == Action::"submitToTopic", resource)
      when { context.approvals.count >= 2 && principal in Organisation::"globex" };
      @id("near") permit (principal in Role::"approver", action == Action::"submitToTopic", resource)
      when { principal.certificates has employee && principal.certificates.employee.fields.role == "buyer" };
      @id("elsewhere") permit (principal, action == Action::"submitToTopic", resource == Topic::"tm_other");`);
    const unmet = await engine.listUnmet(askTest({ roles: ['approver'], certificates: [employee('seller')] }));
    expect(unmet.map(({ policy, wants }) => [policy.id, wants])).toEqual([
      ['near', ['principal.certificates.employee.fields.role == "buyer"']],
      ['far', ['principal in Role::"owner"', 'context.approvals.count >= 2', 'principal in Organisation::"globex"']],
    ]);
  });

  it('is what an `unless` shuts out, too', async () => {
    const engine = await openTestEngine(`
      @id("others") permit (principal, action, resource) unless { principal in Organisation::"acme" };`);
    expect((await engine.listUnmet(askTest()))[0]?.wants).toEqual(['unless principal in Organisation::"acme"']);
  });
});

it.each<[string, Partial<PolicyQuestion>]>([
  ['a key', {}],
  ['an auditor', { identityKey: namePerson('https://idp.example', 'eve'), roles: ['auditor'] }],
  ['an operator', { identityKey: namePerson('https://idp.example', 'olu'), roles: ['auditor', 'operator'] }],
  ['the owner', { identityKey: nameMachine('erp'), roles: ['owner'] }],
])('the built-in policies decide about %s as their text does, without the engine', async (_who, who) => {
  const written = await openTestEngine(DEFAULT_POLICY.text);
  const builtIn = permitEverything(testActions);
  expect(builtIn.version).toBe(written.version);
  for (const { name, resource } of testActions.values()) {
    const question = askTest({ action: name, resource: { type: resource, id: 'tm_any' }, ...who });
    expect(idsOf(builtIn.evaluate(question))).toEqual(idsOf(written.evaluate(question)));
    expect(builtIn.listApplicable(name).map(({ id, text }) => [id, text])).toEqual(
      written.listApplicable(name).map(({ id, text }) => [id, text]),
    );
  }
});

it('the built-in policies let an auditor read, and change nothing', () => {
  const auditor = { identityKey: namePerson('https://idp.example', 'eve'), roles: ['auditor'] as const };
  const gateway = { type: 'Gateway', id: 'this' } as const;
  const decide = (action: string) =>
    permitEverything(testActions).evaluate(askTest({ action, resource: gateway, ...auditor }));
  expect(idsOf(decide('GET /v1/identity'))).toEqual([true, 'keyless-read']);
  expect(decide('POST /v1/offers').permitted).toBe(false);
});

it('tells a person from a machine and from a key of the same name', async () => {
  const engine = await openTestEngine(`
    @id("eve") permit (principal == Person::"https://idp.example#eve", action, resource);
    @id("erp") permit (principal is Machine, action, resource) when { principal in Role::"connector" };`);
  const ask = (identityKey: string) => idsOf(engine.evaluate(askTest({ identityKey, roles: ['connector'] })));
  expect(ask(namePerson('https://idp.example', 'eve'))).toEqual([true, 'eve']);
  expect(ask(namePerson('https://idp.example', 'mallory'))).toEqual([false]);
  expect(ask(nameMachine('erp'))).toEqual([true, 'erp']);
  expect(ask('https://idp.example#eve')).toEqual([false]);
});
