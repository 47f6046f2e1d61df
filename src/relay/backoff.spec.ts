import { pollDelayMs, retryDelayMs } from './backoff';

describe('retryDelayMs', () => {
  it('doubles its window up to ten minutes', () => {
    const widest = (attempts: number): number => retryDelayMs(attempts, () => 0.999_999_9);
    expect([1, 2, 3, 4, 10, 11, 1_000].map((attempts) => Math.ceil(widest(attempts) / 1_000))).toEqual([
      1, 2, 4, 8, 512, 600, 600,
    ]);
  });
  it('uses the whole window, but never comes back at once', () => {
    expect(retryDelayMs(5, () => 0)).toBe(100);
    expect(retryDelayMs(5, () => 0.5)).toBe(8_000);
  });
});

describe('pollDelayMs', () => {
  it('stays in the upper half of its window', () => {
    expect(pollDelayMs(1, 1_000, () => 0)).toBe(500);
    expect(pollDelayMs(1, 1_000, () => 0.999)).toBe(1_000);
    expect(pollDelayMs(50, 1_000, () => 0)).toBe(30_000);
  });
  it('never exceeds a minute unless the operator polls more seldom', () => {
    expect(pollDelayMs(99, 1_000, () => 0.999_999)).toBe(60_000);
    expect(pollDelayMs(99, 120_000, () => 0.999_999)).toBe(120_000);
  });
});
