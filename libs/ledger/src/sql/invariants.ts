interface Invariant {
  readonly invariant: string;
  readonly sentence: string;
  /** Answers one text column, `violation`; none when the invariant holds. $1 is the limit. */
  readonly sql: string;
}

export const invariants: readonly Invariant[] = [];
