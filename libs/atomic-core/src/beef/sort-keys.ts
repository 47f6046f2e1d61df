import { readUint32At } from './beef-tape';

/** Keys of `words` four-byte words each, somewhere in `bytes`: hashes, outpoints. */
export interface Keys {
  readonly bytes: Uint8Array;
  /** By key: where it begins. */
  readonly positions: Uint32Array;
  readonly words: number;
}

/** A word and a key's number are packed into one double, which holds 53 bits; a BEEF of `BEEF_BYTES_MAX` has a tenth as many inputs. */
const KEYS_MAX = 2 ** 20;

const SHORT_STRETCH = 12;

const wordAt = ({ bytes, positions }: Keys, key: number, word: number): number =>
  readUint32At(bytes, (positions[key] as number) + 4 * word);

/** Negative, zero or positive, as `a` stands before, at or behind `b` in the order of `sortKeys`. */
const compareHashes = (a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number => {
  for (let at = 0; at < 32; at += 4) {
    const difference = readUint32At(a, aAt + at) - readUint32At(b, bAt + at);
    if (difference !== 0) return difference;
  }
  return 0;
};

export const isSameHash = (a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): boolean =>
  compareHashes(a, aAt, b, bAt) === 0;

const isSameKey = (keys: Keys, a: number, b: number): boolean => {
  for (let word = 0; word < keys.words; word++) if (wordAt(keys, a, word) !== wordAt(keys, b, word)) return false;
  return true;
};

const findDifferingWord = (keys: Keys, stretch: Uint32Array, from: number): number => {
  for (let word = from; word < keys.words; word++) {
    const first = wordAt(keys, stretch[0] as number, word);
    for (let at = 1; at < stretch.length; at++) if (wordAt(keys, stretch[at] as number, word) !== first) return word;
  }
  return keys.words;
};

/** A stranger's keys may fall into very many very short stretches, and a call of the native sort costs as much as this. */
const sortShort = (numbers: Float64Array, start: number, end: number): void => {
  for (let at = start + 1; at < end; at++) {
    const number = numbers[at] as number;
    let to = at;
    for (; to > start && (numbers[to - 1] as number) > number; to--) numbers[to] = numbers[to - 1] as number;
    numbers[to] = number;
  }
};

/**
 * The numbers of the keys in the order of their words, equal keys next to each other and in their own order. Word by word, each stretch that is equal so
 * far sorted by its next word that differs: whatever keys a stranger grinds, no more than `words` sorts of all of them. A hash table keyed by the same
 * bytes would be theirs to fill with collisions.
 */
export const sortKeys = (keys: Keys): Uint32Array => {
  const count = keys.positions.length;
  if (count > KEYS_MAX) throw new Error(`${count} keys are more than ${KEYS_MAX}`);
  const order = new Uint32Array(count);
  for (let key = 0; key < count; key++) order[key] = key;
  const packed = new Float64Array(count);
  // start, end and first word of each stretch that is still to be sorted
  const stretches = count > 1 ? [0, count, 0] : [];
  while (stretches.length > 0) {
    const from = stretches.pop() as number;
    const end = stretches.pop() as number;
    const start = stretches.pop() as number;
    const word = findDifferingWord(keys, order.subarray(start, end), from);
    if (word === keys.words) continue;
    for (let at = start; at < end; at++) {
      const key = order[at] as number;
      packed[at] = wordAt(keys, key, word) * KEYS_MAX + key;
    }
    if (end - start <= SHORT_STRETCH) sortShort(packed, start, end);
    else packed.subarray(start, end).sort();
    let runStart = start;
    let runWord = -1;
    for (let at = start; at < end; at++) {
      const sortedWord = Math.floor((packed[at] as number) / KEYS_MAX);
      order[at] = (packed[at] as number) - sortedWord * KEYS_MAX;
      if (sortedWord === runWord) continue;
      if (at - runStart > 1) stretches.push(runStart, at, word + 1);
      runStart = at;
      runWord = sortedWord;
    }
    if (end - runStart > 1) stretches.push(runStart, end, word + 1);
  }
  return order;
};

/** The lowest key that repeats a lower one; -1 when all differ. `order` is that of `sortKeys`. */
export const findRepeatedKey = (keys: Keys, order: Uint32Array): number => {
  let repeated = -1;
  for (let at = 1; at < order.length; at++) {
    const key = order[at] as number;
    if (repeated >= 0 && key > repeated) continue;
    if (isSameKey(keys, order[at - 1] as number, key)) repeated = key;
  }
  return repeated;
};

/** 32-byte hashes in order: which of them a given one is, in a logarithm of steps. */
export class HashIndex {
  private readonly keys: Keys;
  private readonly order: Uint32Array;

  /** `hashes` holds `count` of them, one behind the other. */
  constructor(hashes: Uint8Array, count: number) {
    const positions = new Uint32Array(count);
    for (let row = 0; row < count; row++) positions[row] = 32 * row;
    this.keys = { bytes: hashes, positions, words: 8 };
    this.order = sortKeys(this.keys);
  }

  /** The lowest row that repeats a hash of a lower row; -1 when all differ. */
  findRepeated(): number {
    return findRepeatedKey(this.keys, this.order);
  }

  /** The lowest row that holds the hash at `at` of `bytes`; -1 when none does. */
  find(bytes: Uint8Array, at: number): number {
    const { keys, order } = this;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareHashes(keys.bytes, 32 * (order[middle] as number), bytes, at) < 0) low = middle + 1;
      else high = middle;
    }
    if (low === order.length) return -1;
    const row = order[low] as number;
    return isSameHash(keys.bytes, 32 * row, bytes, at) ? row : -1;
  }
}
