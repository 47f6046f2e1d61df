import type { Random } from './random';

/** Damage without a meaning, on the bytes as they are. */
export interface ByteMutation {
  readonly name: string;
  readonly apply: (bytes: Buffer, random: Random, other: Buffer) => Buffer;
}

const replace = (bytes: Buffer, start: number, removed: number, added: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, start), added, bytes.subarray(start + removed)]);

const LONG_FORMS = ['fd0000', 'fdffff', 'fe00000000', 'feffffffff', 'ff0000000000000000', 'ffffffffffffffffff'];

const table: Readonly<Record<string, ByteMutation['apply']>> = {
  'bit flip': (bytes, random) => {
    const flipped = Buffer.from(bytes);
    const at = random.below(bytes.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
    return flipped;
  },
  byte: (bytes, random) =>
    replace(
      bytes,
      random.below(bytes.length),
      1,
      Buffer.of(random.pick([0, 1, 2, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff])),
    ),
  'a byte more': (bytes, random) => replace(bytes, random.below(bytes.length + 1), 0, random.bytes(1)),
  'a byte less': (bytes, random) => replace(bytes, random.below(bytes.length), 1, Buffer.alloc(0)),
  truncation: (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  'a short truncation': (bytes, random) => bytes.subarray(0, Math.max(0, bytes.length - random.between(1, 12))),
  trailing: (bytes, random) => Buffer.concat([bytes, random.bytes(random.between(1, 40))]),
  'a longer form of a small number': (bytes, random) => {
    const at = random.below(Math.min(bytes.length, 200));
    const value = bytes[at] ?? 0;
    return replace(bytes, at, 1, random.chance(2) ? Buffer.of(0xfd, value, 0) : Buffer.of(0xfe, value, 0, 0, 0));
  },
  'a count that is too large': (bytes, random) =>
    replace(bytes, 4 + random.below(Math.min(bytes.length, 120)), 1, Buffer.from(random.pick(LONG_FORMS), 'hex')),
  'a stretch of another': (bytes, random, other) => {
    const start = random.below(other.length);
    const length = random.between(1, 64);
    return replace(
      bytes,
      random.below(bytes.length),
      random.chance(2) ? length : 0,
      other.subarray(start, start + length),
    );
  },
  'the head of one, the tail of another': (bytes, random, other) =>
    Buffer.concat([bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length))]),
  'a stretch twice': (bytes, random) => {
    const start = random.below(bytes.length);
    return replace(bytes, start, 0, bytes.subarray(start, start + random.between(1, 64)));
  },
  magic: (bytes, random) =>
    Buffer.concat([
      Buffer.from(random.pick(['0100beef', '0200beef', '01010101', '0300beef']), 'hex'),
      bytes.subarray(4),
    ]),
  'the head that names a subject': (bytes, random) =>
    Buffer.concat([Buffer.from('01010101', 'hex'), random.bytes(32), bytes]),
};

export const byteMutations: readonly ByteMutation[] = Object.entries(table).map(([name, apply]) => ({ name, apply }));
