import { OP } from '@bsv/sdk';

/**
 * What an opcode costs in the SDK's interpreter, in nanoseconds of a core of today, measured and rounded up. Most opcodes move references and cost the same
 * whatever they move; the others are here, with the places of their operands from the top of the stack.
 */
interface OpcodeCost {
  readonly places: readonly number[];
  readonly each: number;
  readonly flat: number;
  /** Of the square of the bytes: 1 / this. */
  readonly square: number;
}

/** Any opcode, a skipped one too. */
export const STEP_COST = 150;
/** Script numbers go through hexadecimal to BigInt and back. */
const NUMBER_EACH = 64;
const COPY_EACH = 2;
/** A new array, filled by its maker. */
const BUILD_EACH = 3;
const HASH_EACH = 60;
/** Items above this leave the young heap: each is memory that the kernel maps and clears anew. */
const LARGE_BYTES = 16_000;
const LARGE_EACH = 16;
/** An item above the one that is rolled out. */
const ROLL_EACH = 4;

const costs: (OpcodeCost | undefined)[] = [];
const declare = (opcodes: readonly number[], places: readonly number[], cost: Partial<OpcodeCost>): void => {
  for (const opcode of opcodes) costs[opcode] = { each: 0, flat: 0, square: Infinity, ...cost, places };
};

declare([OP.OP_DUP, OP.OP_IFDUP, OP.OP_TUCK], [0], { each: COPY_EACH });
declare([OP.OP_OVER], [1], { each: COPY_EACH });
declare([OP.OP_2DUP, OP.OP_EQUAL, OP.OP_EQUALVERIFY], [0, 1], { each: COPY_EACH });
declare([OP.OP_3DUP], [0, 1, 2], { each: COPY_EACH });
declare([OP.OP_2OVER], [2, 3], { each: COPY_EACH });
declare([OP.OP_CAT, OP.OP_AND, OP.OP_OR, OP.OP_XOR], [0, 1], { each: BUILD_EACH });
declare([OP.OP_INVERT], [0], { each: 2 * BUILD_EACH });
declare([OP.OP_SPLIT, OP.OP_LEFT, OP.OP_RIGHT], [1], { each: BUILD_EACH, flat: 1_000 });
declare([OP.OP_SUBSTR], [2], { each: BUILD_EACH, flat: 2_000 });
declare([OP.OP_RIPEMD160, OP.OP_SHA1, OP.OP_SHA256], [0], { each: HASH_EACH, flat: 4_000 });
declare([OP.OP_HASH160, OP.OP_HASH256], [0], { each: HASH_EACH, flat: 8_000 });
declare([OP.OP_BIN2NUM], [0], { each: NUMBER_EACH });
declare([OP.OP_NUM2BIN], [1], { each: NUMBER_EACH, flat: 1_000 });
// A buffer is shifted digit by digit.
declare([OP.OP_LSHIFT, OP.OP_RSHIFT], [1], { each: 32, flat: 2_000, square: 2 });
declare([OP.OP_1ADD, OP.OP_1SUB, OP.OP_2MUL, OP.OP_2DIV, OP.OP_NEGATE, OP.OP_ABS, OP.OP_NOT, OP.OP_0NOTEQUAL], [0], {
  each: NUMBER_EACH,
  flat: 1_000,
  square: 64,
});
// The number, and a splice of the stack that leaves an array behind.
declare([OP.OP_PICK, OP.OP_ROLL], [0], { each: NUMBER_EACH, flat: 2_500, square: 64 });
declare(
  [
    ...[OP.OP_ADD, OP.OP_SUB, OP.OP_MUL, OP.OP_DIV, OP.OP_MOD, OP.OP_BOOLAND, OP.OP_BOOLOR, OP.OP_NUMEQUAL],
    ...[OP.OP_NUMEQUALVERIFY, OP.OP_NUMNOTEQUAL, OP.OP_LESSTHAN, OP.OP_GREATERTHAN, OP.OP_LESSTHANOREQUAL],
    ...[OP.OP_GREATERTHANOREQUAL, OP.OP_MIN, OP.OP_MAX, OP.OP_LSHIFTNUM, OP.OP_RSHIFTNUM],
  ],
  [0, 1],
  { each: NUMBER_EACH, flat: 2_000, square: 64 },
);
declare([OP.OP_WITHIN], [0, 1, 2], { each: NUMBER_EACH, flat: 3_000, square: 64 });
declare([OP.OP_CHECKSIG, OP.OP_CHECKSIGVERIFY], [0, 1], { each: BUILD_EACH, flat: 10_000 });
declare([OP.OP_CHECKMULTISIG, OP.OP_CHECKMULTISIGVERIFY], [0], { each: NUMBER_EACH, flat: 10_000 });

/** Opcodes that read the item on top as a number, and so are bound by how large one may be. */
export const readsNumber = (opcode: number): boolean => {
  const cost = costs[opcode];
  return cost !== undefined && cost.square !== Infinity;
};

/** A non-negative script number; undefined when negative, infinite when it has more than four bytes: nothing that needs them fits a budget. */
export const readSmallNumber = (bytes: readonly number[] | undefined): number | undefined => {
  if (!bytes || ((bytes.at(-1) ?? 0) & 0x80) !== 0) return undefined;
  if (bytes.length > 4) return Infinity;
  return bytes.reduce((sum, byte, index) => sum + byte * 2 ** (8 * index), 0);
};

/** What the number on top makes of the opcode: bytes that it writes, items that it moves, keys that it walks. */
const measureCount = (opcode: number, stack: readonly (readonly number[])[]): number => {
  const count = readSmallNumber(stack.at(-1)) ?? 0;
  // A size of a gigabyte is one opcode: it is charged before the array is made.
  if (opcode === OP.OP_NUM2BIN) return count * BUILD_EACH;
  if (opcode === OP.OP_ROLL) return Math.min(count, stack.length) * ROLL_EACH;
  if (opcode === OP.OP_PICK) return (stack.at(-2 - Math.min(count, stack.length))?.length ?? 0) * COPY_EACH;
  return Math.min(count, stack.length) * 1_000;
};

const COUNTED = new Set<number>([
  ...[OP.OP_NUM2BIN, OP.OP_ROLL, OP.OP_PICK, OP.OP_CHECKMULTISIG, OP.OP_CHECKMULTISIGVERIFY],
]);

/** Asked before the opcode runs. */
export const measureOpcode = (opcode: number, stack: readonly (readonly number[])[]): number => {
  const cost = costs[opcode];
  if (cost === undefined) return 0;
  let bytes = 0;
  for (const place of cost.places) bytes += stack[stack.length - 1 - place]?.length ?? 0;
  const counted = COUNTED.has(opcode) ? measureCount(opcode, stack) : 0;
  const large = bytes > LARGE_BYTES ? bytes * LARGE_EACH : 0;
  return cost.flat + cost.each * bytes + (bytes * bytes) / cost.square + large + counted;
};
