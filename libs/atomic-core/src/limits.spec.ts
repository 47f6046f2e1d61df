import * as limits from './limits';

describe('the limits', () => {
  it('are whole numbers above zero', () => {
    for (const [name, limit] of Object.entries(limits))
      expect([name, Number.isSafeInteger(limit) && limit > 0]).toEqual([name, true]);
  });

  it('keep every offset and height of a BUMP within 31 bits', () => {
    expect(2 ** limits.BUMP_HEIGHT_MAX).toBeLessThanOrEqual(2 ** 31);
    expect(limits.BLOCK_HEIGHT_MAX).toBe(2 ** 31 - 1);
  });

  it('let every parent of a consolidation have a BUMP, and the ledger give back every graph that it took', () => {
    expect(limits.BEEF_BUMPS_MAX).toBeGreaterThanOrEqual(limits.BEEF_TRANSACTIONS_MAX - 1);
    expect(limits.GRAPH_TRANSACTIONS_MAX).toBeGreaterThanOrEqual(limits.BEEF_TRANSACTIONS_MAX);
  });
});
