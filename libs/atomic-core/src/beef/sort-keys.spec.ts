import { array, assert, integer, property, uint8Array } from 'fast-check';
import { HashIndex, findRepeatedKey, sortKeys } from './sort-keys';

const keysOf = (keys: readonly Uint8Array[], words: number) => ({
  bytes: Buffer.concat(keys),
  positions: Uint32Array.from(keys.keys(), (key) => 4 * words * key),
  words,
});
/** Few values at few places: equal keys and keys that differ in their last word alone are common. */
const drawnKeys = (words: number) =>
  array(
    array(integer({ min: 0, max: 2 }), { minLength: words, maxLength: words }).map((values) =>
      Buffer.concat(values.map((value) => Buffer.of(value, 0, 0, value === 2 ? 0xff : 0))),
    ),
    { maxLength: 60 },
  );
const wordsOf = (key: Buffer): string =>
  Array.from({ length: key.length / 4 }, (_, word) =>
    key
      .readUInt32LE(4 * word)
      .toString(16)
      .padStart(8, '0'),
  ).join();

describe('sortKeys', () => {
  it('orders by words, equal keys by their numbers, whatever keys are drawn', () => {
    assert(
      property(drawnKeys(3), (keys) => {
        const expected = [...keys.keys()].sort((a, b) => {
          const [left, right] = [wordsOf(keys[a]!), wordsOf(keys[b]!)];
          return left < right ? -1 : left > right ? 1 : a - b;
        });
        expect([...sortKeys(keysOf(keys, 3))]).toEqual(expected);
      }),
    );
  });

  it('sorts each word once at most, also keys that were ground to differ in their last word alone', () => {
    const sorts = jest.spyOn(Float64Array.prototype, 'sort');
    const keys = Array.from({ length: 5_000 }, (_, key) => {
      const ground = Buffer.alloc(36, 7);
      ground.writeUInt32LE(5_000 - key, 32);
      return ground;
    });
    const order = sortKeys(keysOf(keys, 9));
    expect([order[0], order[4_999], sorts.mock.calls.length]).toEqual([4_999, 0, 1]);
    // Each word tells one key apart from the rest, so that every word has to be looked at.
    for (let word = 0; word < 9; word++) keys[word]!.writeUInt32LE(1, 4 * word);
    sorts.mockClear();
    sortKeys(keysOf(keys, 9));
    expect(sorts.mock.calls.length).toBeLessThanOrEqual(9);
    sorts.mockRestore();
  });

  it('finds the lowest key that repeats another', () => {
    assert(
      property(drawnKeys(2), (keys) => {
        const seen = keys.map((key) => key.toString('hex'));
        const expected = seen.findIndex((key, index) => seen.indexOf(key) < index);
        const rows = keysOf(keys, 2);
        expect(findRepeatedKey(rows, sortKeys(rows))).toBe(expected);
      }),
    );
  });
});

describe('HashIndex', () => {
  it('finds the first of equal hashes, and none that is not there', () => {
    assert(
      property(
        array(uint8Array({ minLength: 32, maxLength: 32, max: 1 }), { minLength: 1, maxLength: 40 }),
        (hashes) => {
          const texts = hashes.map((hash) => Buffer.from(hash).toString('hex'));
          const index = new HashIndex(Buffer.concat(hashes), hashes.length);
          for (const [row, hash] of hashes.entries()) {
            expect(index.find(hash, 0)).toBe(texts.indexOf(texts[row]!));
            const other = Uint8Array.from(hash, (byte, at) => (at === 31 ? byte ^ 2 : byte));
            expect(index.find(other, 0)).toBe(-1);
          }
        },
      ),
    );
  });
});
