import { isPlainHashType } from './hash-types';

const SEQUENCE_TAG = 0x30;
const INTEGER_TAG = 0x02;
const SCALAR_BYTES = 32;
const SIGNATURE_BYTES_MIN = 9;
export const SIGNATURE_BYTES_MAX = 73;
/** Half of the order of the curve, big-endian. */
const HALF_ORDER = Uint8Array.from(
  Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex'),
);

/** A DER integer at `at`, positive and without padding, as 32 bytes to `out`. False for any other. */
const readScalar = (bytes: Uint8Array, at: number, out: Uint8Array, target: number): boolean => {
  let length = bytes[at + 1] as number;
  let start = at + 2;
  const head = bytes[start] as number;
  if (bytes[at] !== INTEGER_TAG || length === 0 || (head & 0x80) !== 0) return false;
  if (head === 0) {
    // A zero byte only before one that would otherwise be a sign; so zero itself, which no signature has, is none either.
    if (length === 1 || ((bytes[start + 1] as number) & 0x80) === 0) return false;
    start++;
    length--;
  }
  if (length > SCALAR_BYTES) return false;
  out.fill(0, target, target + SCALAR_BYTES - length);
  for (let index = 0; index < length; index++)
    out[target + SCALAR_BYTES - length + index] = bytes[start + index] as number;
  return true;
};

const isLow = (out: Uint8Array, s: number): boolean => {
  for (let index = 0; index < SCALAR_BYTES; index++) {
    const difference = (out[s + index] as number) - (HALF_ORDER[index] as number);
    if (difference !== 0) return difference < 0;
  }
  return true;
};

/**
 * A signature as a script pushes it (strict DER and one byte of hash type), as 64 bytes to `out`. It answers the hash type, or 0 for whatever a wallet does
 * not write: loose DER, a high S, a hash type beyond the six plain ones. Those are for the interpreter to judge.
 */
export const readSignature = (
  bytes: Uint8Array,
  span: { readonly start: number; readonly end: number },
  out: Uint8Array,
  target: number,
): number => {
  const { start, end } = span;
  const length = end - start;
  if (length < SIGNATURE_BYTES_MIN || length > SIGNATURE_BYTES_MAX) return 0;
  if (bytes[start] !== SEQUENCE_TAG || bytes[start + 1] !== length - 3) return 0;
  const rLength = bytes[start + 3] as number;
  if (rLength + 7 >= length) return 0;
  const sLength = bytes[start + 5 + rLength] as number;
  if (rLength + sLength + 7 !== length) return 0;
  if (!readScalar(bytes, start + 2, out, target)) return 0;
  if (!readScalar(bytes, start + 4 + rLength, out, target + SCALAR_BYTES)) return 0;
  const hashType = bytes[end - 1] as number;
  return isPlainHashType(hashType) && isLow(out, target + SCALAR_BYTES) ? hashType : 0;
};
