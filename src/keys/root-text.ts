/** secp256k1: other numbers have no public key. A library that takes them would sign with a key that anyone can guess. */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const ROOT_HEX = /^[0-9a-fA-F]{64}$/u;

/** The 32 octets of 64 hex digits; undefined for what is no private key. */
export const readRootText = (text: string): Buffer | undefined => {
  if (!ROOT_HEX.test(text)) return undefined;
  const number = BigInt(`0x${text}`);
  return number > 0n && number < CURVE_ORDER ? Buffer.from(text, 'hex') : undefined;
};
