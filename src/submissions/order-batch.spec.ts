import { limits, type Txid } from '#atomic-core';
import { orderBatch, type OrderedItem } from './order-batch';

const txid = (name: string): Txid => name.padStart(64, '0') as Txid;
const item = (index: number, name: string, parents: readonly string[] = [], size = {}): OrderedItem => ({
  index,
  txid: txid(name),
  parents: parents.map(txid),
  rows: 2,
  bytes: 400,
  ...size,
});
const placesOf = (items: readonly OrderedItem[]): number[][] =>
  orderBatch(items).map((group) => group.map(({ index }) => index));

describe('the order of a batch', () => {
  it('is that of the request where nobody stands on anybody, whatever order the verdicts came in', () => {
    expect(placesOf([item(2, 'c'), item(0, 'a'), item(1, 'b', ['elsewhere'])])).toEqual([[0, 1, 2]]);
  });

  it('puts children behind their parents, wherever they stand', () => {
    expect(placesOf([item(0, 'd', ['c', 'a']), item(1, 'c', ['b']), item(2, 'b', ['a']), item(3, 'a')])).toEqual([
      [3],
      [2],
      [1],
      [0],
    ]);
  });

  it('waits for every item that is the parent, under whatever key', () => {
    expect(placesOf([item(0, 'child', ['a']), item(1, 'a'), item(2, 'a'), item(3, 'other')])).toEqual([[1, 2, 3], [0]]);
  });

  it('fills groups to their count', () => {
    const sizes = placesOf(Array.from({ length: 2 * limits.GROUP_COMMITS_MAX + 1 }, (_, n) => item(n, `${n}`)));
    expect(sizes.map(({ length }) => length)).toEqual([limits.GROUP_COMMITS_MAX, limits.GROUP_COMMITS_MAX, 1]);
  });

  it('gives what is large a group of its own, and groups no more than fits', () => {
    const half = { rows: limits.GROUP_ROWS_MAX / 2 };
    const huge = { bytes: limits.GROUP_BYTES_MAX + 1 };
    const items = [half, half, half, huge, {}].map((size, n) => item(n, `${n}`, [], size));
    expect(placesOf(items)).toEqual([[0, 1], [2], [3], [4]]);
  });

  it('is found in linear time where a thousand items are two transactions', () => {
    const items = Array.from({ length: 1_000 }, (_, n) =>
      n % 2 === 0 ? item(n, 'child', ['parent']) : item(n, 'parent'),
    );
    const flat = placesOf(items).flat();
    expect(flat.slice(0, 500).every((index) => index % 2 === 1)).toBe(true);
    expect(flat).toHaveLength(1_000);
  });
});
