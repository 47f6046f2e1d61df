import type { Invariant } from './invariant';
import { ACCOUNT_INVARIANTS } from './invariants-accounts';
import { BASKET_INVARIANTS } from './invariants-baskets';
import { CERTIFICATE_INVARIANTS } from './invariants-certificates';
import { PROPOSAL_INVARIANTS } from './invariants-proposals';
import { RECORD_INVARIANTS } from './invariants-records';
import { STATE_INVARIANTS } from './invariants-state';
import { TENANT_INVARIANTS } from './invariants-tenants';
import { TOPIC_INVARIANTS } from './invariants-topics';
import { TREASURY_INVARIANTS } from './invariants-treasury';
import { TRUST_INVARIANTS } from './invariants-trust';

/** What must be true of the rows at any time. I6 and I10 are about what was acknowledged and replicated: no SQL can see them. */
export const invariants: readonly Invariant[] = [
  ...STATE_INVARIANTS,
  ...RECORD_INVARIANTS,
  ...TOPIC_INVARIANTS,
  ...BASKET_INVARIANTS,
  ...CERTIFICATE_INVARIANTS,
  ...TRUST_INVARIANTS,
  ...TENANT_INVARIANTS,
  ...PROPOSAL_INVARIANTS,
  ...ACCOUNT_INVARIANTS,
  ...TREASURY_INVARIANTS,
].sort((a, b) => Number(a.invariant.slice(1)) - Number(b.invariant.slice(1)));
