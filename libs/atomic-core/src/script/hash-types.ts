/** The hash type is the last byte of a signature: what of its transaction it signs. */
export const SIGHASH_NONE = 2;
export const SIGHASH_SINGLE = 3;
export const SIGHASH_BASE_MASK = 0x1f;
export const SIGHASH_CHRONICLE = 0x20;
export const SIGHASH_FORKID = 0x40;
export const SIGHASH_ANYONECANPAY = 0x80;

/** The algorithm of before the fork, which Chronicle gives back to those that ask for it. */
export const usesOriginalDigest = (hashType: number): boolean =>
  (hashType & SIGHASH_FORKID) === 0 || (hashType & SIGHASH_CHRONICLE) !== 0;

/** ALL, NONE and SINGLE, each with or without ANYONECANPAY, with FORKID and nothing else: what wallets write. */
export const isPlainHashType = (hashType: number): boolean => {
  const base = hashType & ~SIGHASH_ANYONECANPAY;
  return base > SIGHASH_FORKID && base <= (SIGHASH_FORKID | SIGHASH_SINGLE);
};
