import { makeOutpoint, type Txid } from '#atomic-core';
import { CallerPolicies } from './caller-policies';
import { askTest, employee, openTestEngine } from './engine/test-engine';
import type { HeldCertificate } from './held-certificates.service';

const { identityKey } = askTest();
const outpointOf = (byte: string) => makeOutpoint(byte.repeat(32) as Txid, 0);
const hold = (name: 'employee' | 'auditor', over: Partial<HeldCertificate> = {}): HeldCertificate => ({
  ...employee('buyer'),
  ...{ name, type: 'T', hash: (name === 'employee' ? 'e1' : 'a2').repeat(32) },
  ...(name === 'auditor' && { fields: new Map<string, string>() }),
  ...{ revocationOutpoint: outpointOf(name === 'employee' ? 'e1' : 'a2'), mayBeUnknown: false },
  ...over,
});
type State = 'good' | 'revoked' | 'unknown';
const TOPIC = { action: 'submitToTopic', resource: { type: 'Topic', id: 'tm_documents' } } as const;

/** Of a member of acme who holds these, of which the sources say this; and how often anybody was asked. */
const open = async (text: string, held: readonly HeldCertificate[] = [], states: Record<string, State> = {}) => {
  const list = jest.fn(() => Promise.resolve({ held, absences: new Map() }));
  const find = jest.fn(({ txid }: { readonly txid: string }) => {
    const state = states[txid.slice(0, 2)] ?? 'good';
    if (state === 'unknown') return Promise.resolve({ state, detail: 'silent', isSilent: true } as const);
    const source = 'somebody';
    return Promise.resolve(
      state === 'good' ? { state, source, asOfMs: Date.now() } : { state, source, spenderTxid: 'cd'.repeat(32) },
    );
  });
  const parts = { engine: await openTestEngine(text), certificates: { list }, revocations: { find } };
  const policies = new CallerPolicies(parts, { identityKey, organisation: 'acme', roles: [] });
  return { policies, list, find };
};
const EMPLOYEES = `@id("employees") @revocationMaxAge("10m") permit (principal, action == Action::"submitToTopic", resource) when { principal.certificates has employee };`;
const ALL = '@id("all") permit (principal, action, resource);';

describe('what needs the agreement of others', () => {
  const TEXT = `
    @id("two-of-three") permit (principal, action == Action::"submitToTopic", resource == Topic::"tm_documents")
    when { context has step && context.step == "release" }
    when { (if context.approvals.organisations.contains(Organisation::"acme") then 1 else 0)
      + (if context.approvals.organisations.contains(Organisation::"globex") then 1 else 0)
      + (if context.approvals.organisations.contains(Organisation::"bank") then 1 else 0) >= 2 };
    @id("others") permit (principal, action == Action::"submitToTopic", resource == Topic::"tm_other")
    when { context.approvals.others.contains(Organisation::"acme") && context.approvals.otherCount >= 1 };
    @id("never") forbid (principal, action == Action::"submitToTopic", resource == Topic::"tm_never");`;
  const codeOf = async (topic: string, over: object = {}): Promise<string | undefined> => {
    const { policies } = await open(TEXT);
    const decided = await policies.decide({ action: 'submitToTopic', resource: { type: 'Topic', id: topic }, ...over });
    return decided.ok ? undefined : decided.rejection.code;
  };

  it('is told to propose it, and nobody is where that would not help', async () => {
    expect([await codeOf('tm_documents'), await codeOf('tm_other')]).toEqual([
      'proposal-required',
      'proposal-required',
    ]);
    expect([await codeOf('tm_never'), await codeOf('tm_nobody')]).toEqual(['policy-denied', 'policy-denied']);
    expect(await codeOf('tm_documents', { approvals: [] })).toBe('policy-denied');
  });

  it('is permitted with as many organisations as the policy asks for, each counted once', async () => {
    const step = 'release';
    expect(await codeOf('tm_documents', { step, approvals: ['bank', 'globex'] })).toBeUndefined();
    expect(await codeOf('tm_documents', { approvals: ['bank', 'globex'] })).toBe('policy-denied');
    expect(await codeOf('tm_documents', { step, approvals: ['bank', 'bank'] })).toBe('policy-denied');
    expect(await codeOf('tm_documents', { step, approvals: ['bank', 'umbrella'] })).toBe('policy-denied');
  });

  it('may be told to be that of somebody other than the proposer', async () => {
    expect(await codeOf('tm_other', { approvals: ['acme'] })).toBeUndefined();
    expect(await codeOf('tm_other', { approvals: ['acme'], othersApprovals: [] })).toBe('policy-denied');
  });

  it('may be told to be that of a certificate that lets somebody in from outside, with its type and its fields', async () => {
    const text = `@id("outside") permit (principal in Organisation::"globex", action == Action::"approveForTopic", resource)
      when { principal.certificates has standing && principal.certificates.standing.type == "T"
        && principal.certificates.standing.fields.contains("role=approver") };`;
    const standing = hold('employee', { name: 'standing', fields: new Map([['role', 'approver']]) });
    const engine = await openTestEngine(text);
    const decide = async (held: readonly HeldCertificate[]): Promise<unknown> => {
      const certificates = { list: () => Promise.resolve({ held, absences: new Map() }) };
      const find = () => Promise.resolve({ state: 'good', source: 'somebody', asOfMs: Date.now() } as const);
      const policies = new CallerPolicies(
        { engine, certificates, revocations: { find } },
        { identityKey, organisation: 'globex', roles: [] },
      );
      return policies.admitAgreed(['tm_documents'], { action: 'approveForTopic', step: undefined });
    };
    expect(await decide([standing])).toMatchObject({
      ok: true,
      value: { reliesOn: [{ revocationOutpoint: outpointOf('e1') }] },
    });
    for (const over of [{ type: 'U' }, { fields: new Map([['role', 'buyer']]) }, { name: 'employee' }])
      expect(await decide([{ ...standing, ...over }])).toMatchObject({ rejection: { code: 'policy-denied' } });
  });
});

describe('what a caller may do', () => {
  it('costs no look at certificates where no policy for the action looks at them', async () => {
    const { policies, list } = await open(
      `${EMPLOYEES}@id("me") permit (principal, action == Action::"GET /v1/identity", resource);`,
    );
    const me = { action: 'GET /v1/identity', resource: { type: 'Gateway', id: 'this' } } as const;
    expect((await policies.decide(me)).ok).toBe(true);
    expect(list).not.toHaveBeenCalled();
  });

  it('looks at them once in a request, and decides about each topic once', async () => {
    const { policies, list, find } = await open(EMPLOYEES, [hold('employee')]);
    for (let line = 0; line < 3; line += 1) await policies.admit(['tm_documents']);
    await policies.admit(['tm_documents', 'tm_other']);
    expect([list.mock.calls.length, find.mock.calls.length]).toEqual([1, 2]);
  });

  it('rests on the certificate, by an answer of the age that the policy takes', async () => {
    const { policies } = await open(EMPLOYEES, [hold('employee', { mayBeUnknown: true }), hold('auditor')]);
    const decided = await policies.decide(TOPIC);
    expect(decided).toMatchObject({
      ok: true,
      value: { policies: ['employees'], reliesOn: [{ revocationOutpoint: outpointOf('e1'), mayBeUnknown: false }] },
    });
    const since = decided.ok ? (decided.value.reliesOn[0]?.goodSince?.getTime() ?? 0) : 0;
    expect(Math.abs(Date.now() - 600_000 - since)).toBeLessThan(10_000);
  });

  it('is what is left without a certificate that is revoked', async () => {
    const alone = await open(EMPLOYEES, [hold('employee')], { e1: 'revoked' });
    expect(await alone.policies.decide(TOPIC)).toMatchObject({
      rejection: { code: 'policy-denied', detail: expect.stringMatching(/revoked: employee/u) as string },
    });
    const text = `${EMPLOYEES}@id("auditors") permit (principal, action, resource) when { principal.certificates has auditor };`;
    const both = await open(text, [hold('employee'), hold('auditor')], { e1: 'revoked' });
    expect(await both.policies.decide(TOPIC)).toMatchObject({ ok: true, value: { policies: ['auditors'] } });
  });

  it('is not known where a certificate that it rests on is not, be it for a permit or against a forbid', async () => {
    const permit = await open(EMPLOYEES, [hold('employee')], { e1: 'unknown' });
    expect(await permit.policies.decide(TOPIC)).toMatchObject({ rejection: { code: 'revocation-unknown' } });
    const text = `${ALL}@id("no-strangers") forbid (principal, action, resource) unless { principal.certificates has employee };`;
    const forbid = await open(text, [hold('employee')], { e1: 'unknown' });
    expect(await forbid.policies.decide(TOPIC)).toMatchObject({ rejection: { code: 'revocation-unknown' } });
    const revoked = await open(text, [hold('employee')], { e1: 'revoked' });
    expect(await revoked.policies.decide(TOPIC)).toMatchObject({
      rejection: { code: 'policy-denied', detail: expect.stringMatching(/forbidden by no-strangers/u) as string },
    });
  });

  it('does not depend on a certificate that nothing rests on', async () => {
    const { policies, find } = await open(EMPLOYEES + ALL, [hold('employee')], { e1: 'unknown' });
    expect(await policies.decide(TOPIC)).toMatchObject({ ok: true, value: { reliesOn: [] } });
    expect(find).not.toHaveBeenCalled();
  });

  it('may be unknown where the rule takes that, unless the policy asks for an age', async () => {
    const lax = hold('employee', { mayBeUnknown: true });
    const text = EMPLOYEES.replace('@revocationMaxAge("10m")', '');
    const ageless = await open(text, [lax], { e1: 'unknown' });
    expect(await ageless.policies.decide(TOPIC)).toMatchObject({
      ok: true,
      value: { reliesOn: [{ mayBeUnknown: true }] },
    });
    const strict = await open(EMPLOYEES, [lax], { e1: 'unknown' });
    expect(await strict.policies.decide(TOPIC)).toMatchObject({ rejection: { code: 'revocation-unknown' } });
  });
});
