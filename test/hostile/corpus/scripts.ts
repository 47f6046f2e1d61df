import { OP } from '@bsv/sdk';

export const ops = (...codes: number[]): Buffer => Buffer.from(codes);

export const times = (count: number, ...codes: number[]): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => ops(...codes)));

/** Length and bytes, in the shortest form that names a length; `wider` takes a longer one. */
export const push = (bytes: Uint8Array, wider = 0): Buffer => {
  const shortest = bytes.length < 0x4c ? 0 : bytes.length < 0x100 ? 1 : bytes.length < 0x1_0000 ? 2 : 3;
  const form = Math.min(3, shortest + wider);
  if (form === 0) return Buffer.concat([ops(bytes.length), bytes]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([ops(OP.OP_0 + 0x4b + form), length.subarray(0, 2 ** (form - 1)), bytes]);
};

/** The minimal form of a node: the small numbers have opcodes of their own. */
export const pushMinimal = (bytes: Uint8Array): Buffer => {
  const [only = 0] = bytes;
  if (bytes.length === 0) return ops(OP.OP_0);
  if (bytes.length === 1 && only >= 1 && only <= 16) return ops(OP.OP_1 + only - 1);
  if (bytes.length === 1 && only === 0x81) return ops(OP.OP_1NEGATE);
  return push(bytes);
};

export const small = (value: number): Buffer => ops(value === 0 ? OP.OP_0 : OP.OP_1 + value - 1);
