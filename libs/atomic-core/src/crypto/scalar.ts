/** The order of secp256k1. */
const ORDER = Uint8Array.from(Buffer.from('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141', 'hex'));

const isBelowOrder = (octets: Uint8Array): boolean => {
  for (let at = 0; at < 32; at++) {
    const difference = (octets[at] as number) - (ORDER[at] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
};

/** 32 octets modulo the order. libsecp256k1 refuses what is beyond it where BRC-42 reduces; a hash is so once in 2^128 times. */
export function reduceScalar(octets: Uint8Array): Uint8Array {
  if (octets.length !== 32) throw new RangeError('crypto: a scalar has 32 octets');
  if (isBelowOrder(octets)) return octets;
  const reduced = new Uint8Array(32);
  let borrow = 0;
  for (let at = 31; at >= 0; at--) {
    const difference = (octets[at] as number) - (ORDER[at] as number) - borrow;
    borrow = difference < 0 ? 1 : 0;
    reduced[at] = difference & 0xff;
  }
  return reduced;
}
