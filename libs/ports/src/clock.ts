/** Wall-clock time, so that tests can set it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}
