import { kindOf } from '../../identity';
import { DEFAULT_POLICIES, DEFAULT_POLICY } from './default-policy';
import type { Policy, PolicyAction, PolicyEngine, PolicyQuestion } from './policy';
import { hashPolicies } from './read-policy-files';

/** The built-in policies without the engine: what everybody may always do needs no WebAssembly in memory and no question. */
export const permitEverything = (actions: ReadonlyMap<string, PolicyAction>): PolicyEngine => {
  const make = (id: keyof typeof DEFAULT_POLICIES, applies: (action: PolicyAction) => boolean): Policy => ({
    ...{ id, effect: 'permit', text: DEFAULT_POLICIES[id], file: DEFAULT_POLICY.file, certificates: [] },
    ...{ approvals: undefined, usesTime: false, revocationMaxAgeMs: undefined },
    actions: new Set([...actions.values()].filter(applies).map(({ name }) => name)),
  });
  const isRead = (name: string): boolean => actions.get(name)?.group === 'read';
  const everyone = make('everyone', () => true);
  const read = make('keyless-read', ({ group }) => group === 'read');
  const write = make('keyless-write', () => true);
  const judge = ({ identityKey, roles, action }: PolicyQuestion): readonly Policy[] => {
    if (kindOf(identityKey) === 'identity') return [everyone];
    const isOperating = roles.includes('owner') || roles.includes('operator');
    return [...(isRead(action) ? [read] : []), ...(isOperating ? [write] : [])];
  };
  return {
    version: hashPolicies([DEFAULT_POLICY]),
    actions,
    listApplicable: (action) => (isRead(action) ? [everyone, read, write] : [everyone, write]),
    evaluate: (question) => {
      const policies = judge(question);
      return { permitted: policies.length > 0, policies };
    },
    listUnmet: () => Promise.resolve([]),
  };
};
