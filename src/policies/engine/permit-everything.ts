import { DEFAULT_POLICY } from './default-policy';
import type { Policy, PolicyAction, PolicyEngine } from './policy';
import { hashPolicies } from './read-policy-files';

/** The built-in policy without the engine: what everybody may always do needs no WebAssembly in memory and no question. */
export const permitEverything = (actions: ReadonlyMap<string, PolicyAction>): PolicyEngine => {
  const everyone: Policy = {
    ...{ id: 'everyone', effect: 'permit', text: DEFAULT_POLICY.text.trim(), file: DEFAULT_POLICY.file },
    ...{ certificates: [], usesTime: false, revocationMaxAgeMs: undefined, actions: new Set(actions.keys()) },
  };
  const policies = [everyone];
  const verdict = { permitted: true, policies };
  return {
    version: hashPolicies([DEFAULT_POLICY]),
    actions,
    listApplicable: () => policies,
    evaluate: () => verdict,
    listUnmet: () => Promise.resolve([]),
  };
};
