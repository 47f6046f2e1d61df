export interface Invariant {
  /** The name in the list of promises. */
  readonly invariant: string;
  readonly sentence: string;
  /** Answers one text column, `violation`; no row when the invariant holds. $2, where used, is the legal steps of settlement. */
  readonly sql: string;
}
