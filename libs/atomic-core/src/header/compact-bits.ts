const MANTISSA_BITS = 24;
const MANTISSA_MAX = 0x7fffffn;
const TARGET_LIMIT = 1n << 256n;

/**
 * The target that compact `bits` stand for. Undefined for what no node accepts: a negative or zero target, or one past 256 bits. Bitcoin's own decoder
 * returns flags for these and relies on its callers; here there is nothing to forget.
 */
export const targetOf = (bits: number): bigint | undefined => {
  const exponent = bits >>> MANTISSA_BITS;
  const mantissa = BigInt(bits & 0x007fffff);
  const negative = (bits & 0x00800000) !== 0;
  if (negative || mantissa === 0n) return undefined;
  const shift = 8n * (BigInt(exponent) - 3n);
  const target = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return target > 0n && target < TARGET_LIMIT ? target : undefined;
};

/** The compact form, which keeps the highest 23 to 16 bits and drops the rest. */
export const bitsOf = (target: bigint): number => {
  let exponent = Math.ceil(target.toString(16).length / 2);
  const shift = 8n * BigInt(exponent - 3);
  let mantissa = shift >= 0n ? target >> shift : target << -shift;
  // The top bit of the mantissa is a sign, so a mantissa that has it moves up one byte.
  if (mantissa > MANTISSA_MAX) {
    mantissa >>= 8n;
    exponent += 1;
  }
  return ((exponent << MANTISSA_BITS) | Number(mantissa)) >>> 0;
};

/** Expected hashes for a block of these bits: 2^256 / (target + 1). Undefined where there is no target. */
export const workOf = (bits: number): bigint | undefined => {
  const target = targetOf(bits);
  return target === undefined ? undefined : TARGET_LIMIT / (target + 1n);
};
