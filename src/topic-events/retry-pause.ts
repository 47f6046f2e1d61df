const FIRST_MS = 1_000;
const LONGEST_MS = 3_600_000;
const DOUBLINGS_MAX = 12;

/**
 * How long to wait after `failures` in a row, at least one: a window that doubles from a second to an hour, of which at least half is waited. So thirty failures
 * are 10 to 20 hours, and receivers that failed together are not tried together.
 */
export const retryPauseMs = (failures: number, chance: () => number = Math.random): number => {
  const window = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(DOUBLINGS_MAX, Math.max(0, failures - 1)));
  return Math.ceil(window / 2 + (chance() * window) / 2);
};
