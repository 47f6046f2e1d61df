import { splitRows } from './split-rows';

const rowsOf = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, index) => index * 3);
const sizesOf = (count: number, threads: number, sizeBytes = 1_000): number[] =>
  splitRows(rowsOf(count), { threads, sizeBytes }).map(({ length }) => length);

describe('the parts of one BEEF', () => {
  it.each([
    [0, 4, [0]],
    [15, 4, [15]],
    [16, 4, [8, 8]],
    [31, 4, [10, 10, 11]],
    [100, 1, [100]],
    [100, 0, [100]],
    [1_000, 3, [333, 333, 334]],
  ])('of %i inputs over %i idle threads are %j', (inputs, threads, sizes) => {
    expect(sizesOf(inputs, threads)).toEqual(sizes);
  });

  it('hold each row once, in their order', () => {
    const parts = splitRows(rowsOf(77), { threads: 3, sizeBytes: 0 });
    expect(parts.flatMap((part) => [...part])).toEqual([...rowsOf(77)]);
  });

  it('are one where the BEEF would be copied for little', () => {
    expect(sizesOf(100, 2, 100 * 16_384)).toHaveLength(2);
    expect(sizesOf(100, 2, 100 * 16_384 + 1)).toEqual([100]);
  });
});
