import type { RootKey } from '#ports';
import { unusable } from './key-store-error';

/** keys: two rotations a year for thirty years. */
export const KEYS_MAX = 64;

const MAGIC = Buffer.from('PKR1');
const ROOT_BYTES = 32;
const ROW_BYTES = ROOT_BYTES + 16;
const NO_END = 0xffff_ffff_ffff_ffffn;
const TIME_MS_MAX = 8_640_000_000_000_000n;

/** Keys as octets, never as text: text cannot be wiped. The result holds the roots and MUST be wiped by the caller. */
export const writeRing = (keys: readonly RootKey[]): Buffer => {
  const octets = Buffer.alloc(MAGIC.length + ROW_BYTES * keys.length);
  MAGIC.copy(octets);
  keys.forEach(({ root, fromMs, untilMs }, index) => {
    const at = MAGIC.length + ROW_BYTES * index;
    octets.set(root, at);
    octets.writeBigUInt64BE(BigInt(fromMs), at + ROOT_BYTES);
    octets.writeBigUInt64BE(untilMs === undefined ? NO_END : BigInt(untilMs), at + ROOT_BYTES + 8);
  });
  return octets;
};

const readTime = (time: bigint): number => {
  if (time > TIME_MS_MAX) throw unusable('A key has a time that is none.');
  return Number(time);
};

/** The roots are copies: the octets given may be wiped. */
export const readRing = (octets: Buffer): RootKey[] => {
  const count = (octets.length - MAGIC.length) / ROW_BYTES;
  if (!octets.subarray(0, MAGIC.length).equals(MAGIC) || !Number.isInteger(count) || count > KEYS_MAX)
    throw unusable('What was opened are no keys of a gateway.');
  return Array.from({ length: count }, (_, index) => {
    const at = MAGIC.length + ROW_BYTES * index;
    const until = octets.readBigUInt64BE(at + ROOT_BYTES + 8);
    return {
      root: Uint8Array.from(octets.subarray(at, at + ROOT_BYTES)),
      fromMs: readTime(octets.readBigUInt64BE(at + ROOT_BYTES)),
      untilMs: until === NO_END ? undefined : readTime(until),
    };
  });
};
