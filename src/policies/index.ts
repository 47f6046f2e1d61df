export type { CallerPolicies } from './caller-policies';
export { PoliciesModule } from './policies.module';
export { PolicyDecisions } from './policy-decisions.service';
export type { PolicyGrant } from './policy-grant';
export { explainBody } from './read-explain-question';
export { registerPolicies, THIS_GATEWAY } from './register-policies';
