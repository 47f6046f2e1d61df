import { retryPauseMs } from './retry-pause';
import { DELIVERY_FAILURES_MAX } from './subscription-limits';

const HOUR_MS = 3_600_000;
const sumOf = (chance: number): number =>
  Array.from({ length: DELIVERY_FAILURES_MAX - 1 }, (_, place) => retryPauseMs(place + 1, () => chance)).reduce(
    (sum, ms) => sum + ms,
    0,
  );

describe('the pause after a failed delivery', () => {
  it('doubles from a second to an hour, half of it by chance', () => {
    expect([0, 0.999999].map((chance) => retryPauseMs(1, () => chance))).toEqual([500, 1_000]);
    expect(retryPauseMs(5, () => 0)).toBe(8_000);
    expect(retryPauseMs(500, () => 1)).toBe(HOUR_MS);
  });

  it('adds up to the hours that are promised before a webhook is stopped', () => {
    expect(sumOf(0) / HOUR_MS).toBeGreaterThan(9);
    expect(sumOf(0.999999) / HOUR_MS).toBeLessThan(20);
  });
});
