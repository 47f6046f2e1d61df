import { createHmac, timingSafeEqual } from 'node:crypto';

/** `foreign`: made here, for a session of another identity. */
export type NonceVerdict = 'own' | 'foreign' | 'unknown';

/** Nonces that say themselves where they come from: a forged one is refused without asking the database. `random`: 16 fresh octets. */
export interface Nonces {
  /** Bound to the identity that opens the session: whose it is, is known before anybody is asked. */
  makeSessionNonce(random: Uint8Array, identityKey: string): string;
  judgeSessionNonce(nonce: string, identityKey: string): NonceVerdict;
  makeQuoteNonce(random: Uint8Array): string;
  isQuoteNonce(nonce: string): boolean;
}

const RANDOM_BYTES = 16;
/** As long as the SDK's own. Of a session nonce the MAC is two of 128 bits: that we made its chance, and over both whose it is. */
const NONCE_BYTES = 48;
const HALF_BYTES = 16;

const readNonce = (nonce: string): Buffer | undefined => {
  const octets = Buffer.from(nonce, 'base64');
  return octets.length === NONCE_BYTES && octets.toString('base64') === nonce ? octets : undefined;
};

const writeNonce = (random: Uint8Array, ...macs: readonly Uint8Array[]): string => {
  if (random.length !== RANDOM_BYTES) throw new Error('A nonce takes 16 random octets.');
  return Buffer.concat([random, ...macs]).toString('base64');
};

/** BRC-103 leaves the nonce's inside to its maker; the stock `server hmac` derivation costs 4 ms and adds nothing. */
export const openNonces = (root: Uint8Array): Nonces => {
  const key = createHmac('sha256', root).update('portcullis nonce v1').digest();
  // A nonce that was made for one purpose is none for another.
  const macOf = (purpose: string, ...parts: readonly (Uint8Array | string)[]): Buffer => {
    const mac = createHmac('sha256', key).update(`${purpose}:`);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
  const originOf = (random: Uint8Array): Buffer => macOf('session', random).subarray(0, HALF_BYTES);
  const ownerOf = (origin: Uint8Array, identityKey: string): Buffer =>
    macOf('session of', origin, identityKey).subarray(0, HALF_BYTES);

  return {
    makeSessionNonce: (random, identityKey) => {
      const origin = Buffer.concat([random, originOf(random)]);
      return writeNonce(random, origin.subarray(random.length), ownerOf(origin, identityKey));
    },
    judgeSessionNonce: (nonce, identityKey) => {
      const octets = readNonce(nonce);
      if (octets === undefined) return 'unknown';
      const [origin, owner] = [octets.subarray(0, -HALF_BYTES), octets.subarray(-HALF_BYTES)];
      // Nobody else can say whose it is, so of an honest nonce the other half is not computed.
      if (timingSafeEqual(ownerOf(origin, identityKey), owner)) return 'own';
      const random = origin.subarray(0, RANDOM_BYTES);
      return timingSafeEqual(originOf(random), origin.subarray(RANDOM_BYTES)) ? 'foreign' : 'unknown';
    },
    makeQuoteNonce: (random) => writeNonce(random, macOf('quote', random)),
    isQuoteNonce: (nonce) => {
      const octets = readNonce(nonce);
      if (octets === undefined) return false;
      return timingSafeEqual(macOf('quote', octets.subarray(0, RANDOM_BYTES)), octets.subarray(RANDOM_BYTES));
    },
  };
};
