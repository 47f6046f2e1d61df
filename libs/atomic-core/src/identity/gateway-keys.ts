import { createHmac, timingSafeEqual } from 'node:crypto';
import { BigNumber, ECDSA, KeyDeriver, PrivateKey, PublicKey, Signature } from '@bsv/sdk';
import { sha256 } from '../bytes';

/** Names one message of one peer: the nonce pair that both sides derive the BRC-42 key from, and the peer's identity key. */
export interface MessageKey {
  readonly keyId: string;
  readonly peer: string;
}

/** What the 16 random octets of a nonce are for; a nonce made for one purpose is refused for another. */
export type NoncePurpose = 'session' | 'quote';

/**
 * The gateway's identity key and everything that is computed from it. The only part of identity and payment that touches elliptic curves, so that a
 * native implementation can take its place.
 */
export interface GatewayKeys {
  /** 33-byte compressed public key, lower-case hex. */
  readonly identityKey: string;
  /** DER. */
  signMessage(octets: Uint8Array, key: MessageKey): Uint8Array;
  /** False for a wrong signature and for bytes that are none. `key.peer` MUST have passed `isIdentityKey`. */
  verifyMessage(octets: Uint8Array, signature: Uint8Array, key: MessageKey): boolean;
  /** RIPEMD160(SHA256()) of the BRC-29 key that `payer` must pay to, 20 octets. */
  derivePaymentKeyHash(payer: string, derivationPrefix: string, derivationSuffix: string): Uint8Array;
  /** Base64 of `random` (16 octets) and a MAC that only this key can make: a forged nonce is refused without asking the database. */
  makeNonce(purpose: NoncePurpose, random: Uint8Array): string;
  isOwnNonce(purpose: NoncePurpose, nonce: string): boolean;
}

const MESSAGE_PROTOCOL: [2, string] = [2, 'auth message signature'];
const PAYMENT_PROTOCOL: [2, string] = [2, '3241645161d8'];
const NONCE_RANDOM_BYTES = 16;
const NONCE_BYTES = 48;
const IDENTITY_KEY = /^0[23][0-9a-f]{64}$/;

/** The one encoding we accept: compressed, lower-case hex. */
export const isIdentityKeyText = (text: unknown): text is string => typeof text === 'string' && IDENTITY_KEY.test(text);

/** The same, and a point of the curve in its one spelling: the SDK reduces an x beyond the field and so reads one key from two texts. */
export const isIdentityKey = (text: unknown): text is string => {
  if (!isIdentityKeyText(text)) return false;
  try {
    const key = PublicKey.fromString(text);
    return key.validate() && key.toString() === text;
  } catch {
    return false;
  }
};

const digestOf = (octets: Uint8Array): BigNumber => new BigNumber(sha256(octets).toString('hex'), 16);

const readSignature = (der: Uint8Array): Signature | undefined => {
  try {
    return Signature.fromDER([...der]);
  } catch {
    return undefined;
  }
};

/** `privateKey` is 64 hex digits. Throws when it is no key: that is a fault of the configuration. */
export const openGatewayKeys = (privateKey: string): GatewayKeys => {
  const root = PrivateKey.fromHex(privateKey);
  const deriver = new KeyDeriver(root);
  // BRC-103 leaves the nonce's inside to its maker; the stock `server hmac` derivation costs 4 ms and adds nothing.
  const macKey = createHmac('sha256', Buffer.from(privateKey, 'hex')).update('portcullis nonce v1').digest();
  const macOf = (purpose: NoncePurpose, random: Uint8Array): Buffer =>
    createHmac('sha256', macKey).update(`${purpose}:`).update(random).digest();

  return {
    identityKey: deriver.identityKey,
    signMessage: (octets, { keyId, peer }) => {
      const key = deriver.derivePrivateKey(MESSAGE_PROTOCOL, keyId, peer);
      return Uint8Array.from(ECDSA.sign(digestOf(octets), key, true).toDER() as number[]);
    },
    verifyMessage: (octets, signature, { keyId, peer }) => {
      const parsed = readSignature(signature);
      if (parsed === undefined) return false;
      return ECDSA.verify(digestOf(octets), parsed, deriver.derivePublicKey(MESSAGE_PROTOCOL, keyId, peer));
    },
    derivePaymentKeyHash: (payer, derivationPrefix, derivationSuffix) => {
      const keyId = `${derivationPrefix} ${derivationSuffix}`;
      const key = deriver.derivePublicKey(PAYMENT_PROTOCOL, keyId, payer, true);
      return Uint8Array.from(key.toHash() as number[]);
    },
    makeNonce: (purpose, random) => {
      if (random.length !== NONCE_RANDOM_BYTES) throw new Error('A nonce takes 16 random octets.');
      return Buffer.concat([random, macOf(purpose, random)]).toString('base64');
    },
    isOwnNonce: (purpose, nonce) => {
      const octets = Buffer.from(nonce, 'base64');
      if (octets.length !== NONCE_BYTES || octets.toString('base64') !== nonce) return false;
      const random = octets.subarray(0, NONCE_RANDOM_BYTES);
      return timingSafeEqual(macOf(purpose, random), octets.subarray(NONCE_RANDOM_BYTES));
    },
  };
};
