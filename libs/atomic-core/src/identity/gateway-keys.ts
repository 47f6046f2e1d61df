import { createHmac, hkdfSync } from 'node:crypto';
import { sha256 } from '../bytes';
import { openChildKeys, writeInvoiceNumber, type KeyProtocol } from '../crypto/child-keys';
import type { CurveKeys } from '../crypto/curve-keys';
import { readDer, writeDer } from '../crypto/der-signature';
import { liveCrypto } from '../crypto/open-crypto';
import { liveCurveKeys } from '../crypto/open-curve-keys';
import { SDK_VECTOR_BYTES, VECTOR_BYTES, seal, unseal } from '../crypto/symmetric';
import { verifySignature } from '../crypto/verify-signature';
import { STATUS_KEY_ID, STATUS_PROTOCOL, SUCCESSION_PROTOCOL } from '../certificate/revocation-status';
import { writeBound } from '../certificate/write-bound';
import { BRC29_PROTOCOL } from '../payment/brc29-protocol';
import type { InputSignature } from '../payment/spend-payments';
import { openNonces, type Nonces } from './nonces';
import { BUNDLE_PROTOCOL, TRUST_KEY_ID } from '../trust/trust-bundle';

/** Names one message of one peer: the nonce pair that both sides derive the BRC-42 key from, and the peer's identity key. */
export interface MessageKey {
  readonly keyId: string;
  readonly peer: string;
}

/** Whose data a key protects: it opens for nobody else. */
export interface SubjectKeyOwner {
  readonly organisation: string;
  readonly subject: string;
}

/** Protocols of BRC-100 wallets: what a nonce is proven with, and what a serial number is made with. */
export type MacPurpose = 'server hmac' | 'certificate issuance';

/**
 * The gateway's identity key and everything that is computed from it. The only part of identity and payment that touches elliptic curves: natively
 * where that works, octet for octet what `KeyDeriver` and `ECDSA` of the SDK compute.
 */
export interface GatewayKeys extends Nonces {
  /** 33-byte compressed public key, lower-case hex. */
  readonly identityKey: string;
  /** DER. */
  signMessage(octets: Uint8Array, key: MessageKey): Uint8Array;
  /** False for a wrong signature and for bytes that are none. `key.peer` MUST have passed `isIdentityKey`. */
  verifyMessage(octets: Uint8Array, signature: Uint8Array, key: MessageKey): boolean;
  /** DER, with counterparty "anyone": see `verifyTrustBundle`. */
  signTrustBundle(octets: Uint8Array): Uint8Array;
  /** DER, with counterparty "anyone": see `verifyRevocationStatus`. */
  signRevocationStatus(octets: Uint8Array): Uint8Array;
  /** DER, with counterparty "anyone": see `isSuccessor`. */
  signKeySuccession(octets: Uint8Array): Uint8Array;
  /** RIPEMD160(SHA256()) of the BRC-29 key that `payer` must pay to, 20 octets. */
  derivePaymentKeyHash(payer: string, derivationPrefix: string, derivationSuffix: string): Uint8Array;
  /** As above, of the key that this gateway pays `payee` to. `payee` MUST have passed `isIdentityKey`. */
  derivePayeeKeyHash(payee: string, derivationPrefix: string, derivationSuffix: string): Uint8Array;
  /** With the key of {@link derivePaymentKeyHash}: what unlocks the output that was paid to it. The digest is 32 octets. */
  signPayment(digest: Uint8Array, payer: string, keyId: string): InputSignature;
  /** The key of a certificate's field, as `peer` encrypted it for this gateway; undefined when it did not. `key.peer` MUST have passed `isIdentityKey`. */
  decryptFieldKey(octets: Uint8Array, key: MessageKey): Uint8Array | undefined;
  /** The other way: the key of a field of our own certificate, for `peer` alone. `vector`: 32 fresh random octets. `key.peer` MUST have passed `isIdentityKey`. */
  encryptFieldKey(octets: Uint8Array, vector: Uint8Array, key: MessageKey): Uint8Array;
  /** As `createHmac` of a BRC-100 wallet: what this gateway and `key.peer` alone can make. `key.peer` MUST have passed `isIdentityKey`. */
  makeMac(octets: Uint8Array, purpose: MacPurpose, key: MessageKey): Buffer;
  /** DER, of what anybody can verify against the identity key: the signature of a certificate. `keyId`: its type and serial number. */
  certify(octets: Uint8Array, keyId: string): Uint8Array;
  /** `dataKey` as it may be stored. `vector`: 12 fresh random octets. */
  wrapSubjectKey(dataKey: Uint8Array, vector: Uint8Array, owner: SubjectKeyOwner): Uint8Array;
  /** Undefined when it was wrapped by another gateway's key or for another owner. */
  unwrapSubjectKey(wrapped: Uint8Array, owner: SubjectKeyOwner): Uint8Array | undefined;
}

const MESSAGE_PROTOCOL: KeyProtocol = [2, 'auth message signature'];
const FIELD_PROTOCOL: KeyProtocol = [2, 'certificate field encryption'];
const CERTIFICATE_PROTOCOL: KeyProtocol = [2, 'certificate signature'];
/** The private key of `anyone`: who it derives keys with shares them with everybody. */
const ANYONE = Uint8Array.from(Buffer.from('01'.padStart(64, '0'), 'hex'));
const IDENTITY_KEY = /^0[23][0-9a-f]{64}$/;

/** The one encoding we accept: compressed, lower-case hex. */
export const isIdentityKeyText = (text: unknown): text is string => typeof text === 'string' && IDENTITY_KEY.test(text);

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** The same, and a point of the curve in its one spelling: the SDK reduces an x beyond the field and so reads one key from two texts. */
export const isIdentityKey = (text: unknown): text is string =>
  isIdentityKeyText(text) && liveCurveKeys().isPoint(octetsOf(text));

/** What is stored about subjects is opened with a key of its own, which signs nothing and is no identity. */
export const openSubjectKeys = (root: Uint8Array): Pick<GatewayKeys, 'wrapSubjectKey' | 'unwrapSubjectKey'> => {
  const key = Buffer.from(hkdfSync('sha256', root, '', 'portcullis subject keys v1', 32));
  const contextOf = ({ organisation, subject }: SubjectKeyOwner): Buffer => writeBound([organisation, subject]);
  return {
    wrapSubjectKey: (dataKey, vector, owner) => seal(dataKey, { key, vector, context: contextOf(owner) }),
    unwrapSubjectKey: (wrapped, owner) =>
      unseal(wrapped, { key, vectorBytes: VECTOR_BYTES, context: contextOf(owner) }),
  };
};

const dropZeros = (octets: Uint8Array): Uint8Array => octets.subarray(octets.findIndex((octet) => octet !== 0));

/** What the gateway shares with one peer, and what it signs for everybody. */
const openPeerKeys = (
  root: Uint8Array,
  curve: CurveKeys,
): Pick<GatewayKeys, 'decryptFieldKey' | 'encryptFieldKey' | 'makeMac' | 'certify'> => {
  const children = openChildKeys(root, curve);
  // BRC-2: the x coordinate of what the two child keys share.
  const shareKey = (invoice: string, peer: Uint8Array): Uint8Array =>
    curve.multiply(children.derivePeerKey(peer, invoice), children.deriveSecret(peer, invoice)).subarray(1);
  return {
    decryptFieldKey: (octets, { keyId, peer }) => {
      const key = shareKey(writeInvoiceNumber(FIELD_PROTOCOL, keyId), octetsOf(peer));
      return unseal(octets, { key, vectorBytes: SDK_VECTOR_BYTES });
    },
    encryptFieldKey: (octets, vector, { keyId, peer }) =>
      seal(octets, { key: shareKey(writeInvoiceNumber(FIELD_PROTOCOL, keyId), octetsOf(peer)), vector }),
    makeMac: (octets, purpose, { keyId, peer }) => {
      // The SDK writes the key as a number, without its leading zeros.
      const key = dropZeros(shareKey(writeInvoiceNumber([2, purpose], keyId), octetsOf(peer)));
      return createHmac('sha256', key).update(octets).digest();
    },
    certify: (octets, keyId) => {
      const invoice = writeInvoiceNumber(CERTIFICATE_PROTOCOL, keyId);
      return writeDer(curve.sign(sha256(octets), children.deriveSecret(curve.publicKeyOf(ANYONE), invoice)));
    },
  };
};

const hashKey = (key: Uint8Array): Uint8Array => {
  const keyHash = new Uint8Array(20);
  liveCrypto().hash160Spans(key, new Uint32Array([0, key.length]), 1, keyHash);
  return keyHash;
};

/** What the gateway is paid with, spends and pays (BRC-29). */
const openPaymentKeys = (
  root: Uint8Array,
  curve: CurveKeys,
): Pick<GatewayKeys, 'derivePaymentKeyHash' | 'derivePayeeKeyHash' | 'signPayment'> => {
  const children = openChildKeys(root, curve);
  const secretOf = (payer: string, keyId: string): Uint8Array =>
    children.deriveSecret(octetsOf(payer), writeInvoiceNumber(BRC29_PROTOCOL, keyId));
  return {
    derivePaymentKeyHash: (payer, prefix, suffix) => hashKey(curve.publicKeyOf(secretOf(payer, `${prefix} ${suffix}`))),
    derivePayeeKeyHash: (payee, prefix, suffix) =>
      hashKey(children.derivePeerKey(octetsOf(payee), writeInvoiceNumber(BRC29_PROTOCOL, `${prefix} ${suffix}`))),
    signPayment: (digest, payer, keyId) => {
      const secret = secretOf(payer, keyId);
      return { signature: writeDer(curve.sign(digest, secret)), publicKey: curve.publicKeyOf(secret) };
    },
  };
};

/** 32 octets, or 64 hex digits. They are copied: the caller may wipe its own. Throws when that is no key: a fault of the configuration. */
export const openGatewayKeys = (given: Uint8Array | string, curve: CurveKeys = liveCurveKeys()): GatewayKeys => {
  const root = typeof given === 'string' ? octetsOf(given) : Uint8Array.from(given);
  const identityKey = Buffer.from(curve.publicKeyOf(root)).toString('hex');
  const children = openChildKeys(root, curve);
  const signForAnyone = (octets: Uint8Array, invoice: string): Uint8Array =>
    writeDer(curve.sign(sha256(octets), children.deriveSecret(curve.publicKeyOf(ANYONE), invoice)));

  return {
    identityKey,
    signMessage: (octets, { keyId, peer }) => {
      const secret = children.deriveSecret(octetsOf(peer), writeInvoiceNumber(MESSAGE_PROTOCOL, keyId));
      return writeDer(curve.sign(sha256(octets), secret));
    },
    verifyMessage: (octets, signature, { keyId, peer }) => {
      const parsed = readDer(signature);
      if (parsed === undefined) return false;
      const key = children.derivePeerKey(octetsOf(peer), writeInvoiceNumber(MESSAGE_PROTOCOL, keyId));
      return verifySignature(sha256(octets), parsed, key);
    },
    signTrustBundle: (octets) => signForAnyone(octets, writeInvoiceNumber(BUNDLE_PROTOCOL, TRUST_KEY_ID)),
    signRevocationStatus: (octets) => signForAnyone(octets, writeInvoiceNumber(STATUS_PROTOCOL, STATUS_KEY_ID)),
    signKeySuccession: (octets) => signForAnyone(octets, writeInvoiceNumber(SUCCESSION_PROTOCOL, STATUS_KEY_ID)),
    ...openPaymentKeys(root, curve),
    ...openPeerKeys(root, curve),
    ...openSubjectKeys(root),
    ...openNonces(root),
  };
};
