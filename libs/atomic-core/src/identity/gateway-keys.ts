import { createHmac, timingSafeEqual } from 'node:crypto';
import { PrivateKey, Signature } from '@bsv/sdk';
import { sha256 } from '../bytes';
import { openChildKeys, writeInvoiceNumber, type KeyProtocol } from '../crypto/child-keys';
import type { CurveKeys } from '../crypto/curve-keys';
import { liveCrypto } from '../crypto/open-crypto';
import { liveCurveKeys } from '../crypto/open-curve-keys';
import { verifySignature, writeDer } from '../crypto/verify-signature';

/** Names one message of one peer: the nonce pair that both sides derive the BRC-42 key from, and the peer's identity key. */
export interface MessageKey {
  readonly keyId: string;
  readonly peer: string;
}

/** What the 16 random octets of a nonce are for; a nonce made for one purpose is refused for another. */
export type NoncePurpose = 'session' | 'quote';

/**
 * The gateway's identity key and everything that is computed from it. The only part of identity and payment that touches elliptic curves: natively
 * where that works, octet for octet what `KeyDeriver` and `ECDSA` of the SDK compute.
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

const MESSAGE_PROTOCOL: KeyProtocol = [2, 'auth message signature'];
const PAYMENT_PROTOCOL: KeyProtocol = [2, '3241645161d8'];
const NONCE_RANDOM_BYTES = 16;
const NONCE_BYTES = 48;
const IDENTITY_KEY = /^0[23][0-9a-f]{64}$/;

/** The one encoding we accept: compressed, lower-case hex. */
export const isIdentityKeyText = (text: unknown): text is string => typeof text === 'string' && IDENTITY_KEY.test(text);

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** The same, and a point of the curve in its one spelling: the SDK reduces an x beyond the field and so reads one key from two texts. */
export const isIdentityKey = (text: unknown): text is string =>
  isIdentityKeyText(text) && liveCurveKeys().isPoint(octetsOf(text));

const readSignature = (der: Uint8Array): Signature | undefined => {
  try {
    return Signature.fromDER([...der]);
  } catch {
    return undefined;
  }
};

/** `privateKey` is 64 hex digits. Throws when it is no key: that is a fault of the configuration. */
export const openGatewayKeys = (privateKey: string, curve: CurveKeys = liveCurveKeys()): GatewayKeys => {
  const root = Uint8Array.from(PrivateKey.fromHex(privateKey).toArray('be', 32));
  const children = openChildKeys(root, curve);
  // BRC-103 leaves the nonce's inside to its maker; the stock `server hmac` derivation costs 4 ms and adds nothing.
  const macKey = createHmac('sha256', Buffer.from(privateKey, 'hex')).update('portcullis nonce v1').digest();
  const macOf = (purpose: NoncePurpose, random: Uint8Array): Buffer =>
    createHmac('sha256', macKey).update(`${purpose}:`).update(random).digest();

  return {
    identityKey: Buffer.from(curve.publicKeyOf(root)).toString('hex'),
    signMessage: (octets, { keyId, peer }) => {
      const secret = children.deriveSecret(octetsOf(peer), writeInvoiceNumber(MESSAGE_PROTOCOL, keyId));
      return writeDer(curve.sign(sha256(octets), secret));
    },
    verifyMessage: (octets, signature, { keyId, peer }) => {
      const parsed = readSignature(signature);
      if (parsed === undefined) return false;
      const key = children.derivePeerKey(octetsOf(peer), writeInvoiceNumber(MESSAGE_PROTOCOL, keyId));
      return verifySignature(sha256(octets), parsed, key);
    },
    derivePaymentKeyHash: (payer, derivationPrefix, derivationSuffix) => {
      const invoice = writeInvoiceNumber(PAYMENT_PROTOCOL, `${derivationPrefix} ${derivationSuffix}`);
      const key = curve.publicKeyOf(children.deriveSecret(octetsOf(payer), invoice));
      const keyHash = new Uint8Array(20);
      liveCrypto().hash160Spans(key, new Uint32Array([0, key.length]), 1, keyHash);
      return keyHash;
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
