/** A chance in [0, 1). */
export type Chance = () => number;

/** First window of a retry; doubles with each attempt. */
const RETRY_FIRST_MS = 1_000;
/** Widest window: what a broadcaster that was down for hours waits at most for its next row. */
const RETRY_MAX_MS = 600_000;
/** No retry is closer than this to the one before, whatever the dice say. */
const RETRY_MIN_MS = 100;
/** Widest pause between two polls of a transaction that waits for a block. */
const POLL_MAX_MS = 60_000;
const DOUBLINGS_MAX = 20;

const windowMs = (attempts: number, firstMs: number, maxMs: number): number =>
  Math.min(maxMs, firstMs * 2 ** Math.min(DOUBLINGS_MAX, Math.max(0, attempts - 1)));

/** Full jitter: anywhere in a window that doubles, so that rows which failed together do not come back together. */
export const retryDelayMs = (attempts: number, chance: Chance = Math.random): number =>
  Math.max(RETRY_MIN_MS, Math.floor(chance() * windowMs(attempts, RETRY_FIRST_MS, RETRY_MAX_MS)));

/** The upper half of a window that doubles: polls are spread, but none comes much before its time. */
export const pollDelayMs = (attempts: number, firstMs: number, chance: Chance = Math.random): number => {
  const window = windowMs(attempts, firstMs, Math.max(firstMs, POLL_MAX_MS));
  return Math.ceil(window / 2 + (chance() * window) / 2);
};
