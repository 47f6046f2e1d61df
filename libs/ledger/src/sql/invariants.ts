import type { Invariant } from './invariant';
import { RECORD_INVARIANTS } from './invariants-records';
import { STATE_INVARIANTS } from './invariants-state';

/** What must be true of the rows at any time. I6 and I10 are about what was acknowledged and replicated: no SQL can see them. */
export const invariants: readonly Invariant[] = [...STATE_INVARIANTS, ...RECORD_INVARIANTS].sort(
  (a, b) => Number(a.invariant.slice(1)) - Number(b.invariant.slice(1)),
);
