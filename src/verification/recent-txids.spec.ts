import { randomBytes } from 'node:crypto';
import { RecentTxids } from './recent-txids';

describe('RecentTxids', () => {
  const rows = randomBytes(4 * 32);

  it('holds what was added, by all of its 32 bytes', () => {
    const recent = new RecentTxids(10);
    recent.add(rows, 1);
    const nearly = Buffer.from(rows);
    nearly[63] = (nearly[63] ?? 0) ^ 1;
    expect([0, 1, 2].map((row) => recent.has(rows, row))).toEqual([false, true, false]);
    expect(recent.has(nearly, 1)).toBe(false);
  });

  it('forgets what nobody named for longest', () => {
    const recent = new RecentTxids(3);
    for (const row of [0, 1, 2]) recent.add(rows, row);
    recent.has(rows, 0);
    recent.add(rows, 1);
    recent.add(rows, 3);
    expect([0, 1, 2, 3].map((row) => recent.has(rows, row))).toEqual([true, true, false, true]);
  });

  it('never grows beyond its number', () => {
    const recent = new RecentTxids(1_000);
    for (let round = 0; round < 100; round += 1) {
      const many = randomBytes(100 * 32);
      for (let row = 0; row < 100; row += 1) recent.add(many, row);
    }
    expect(recent.size).toBe(1_000);
  });

  it('remembers nothing when it may remember none', () => {
    const recent = new RecentTxids(0);
    recent.add(rows, 0);
    expect([recent.size, recent.has(rows, 0)]).toEqual([0, false]);
  });
});
