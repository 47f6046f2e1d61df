import { createHmac } from 'node:crypto';
import { openChildKeys, writeInvoiceNumber, type KeyProtocol } from '../crypto/child-keys';
import type { CurveKeys } from '../crypto/curve-keys';
import { readDer, writeDer } from '../crypto/der-signature';
import { liveCurveKeys } from '../crypto/open-curve-keys';
import { SDK_VECTOR_BYTES, seal, unseal } from '../crypto/symmetric';
import { verifySignature } from '../crypto/verify-signature';

/** Names one key of BRC-42/43: between the holder and `peer`, 33 octets. */
export interface WalletKeyName {
  readonly protocol: KeyProtocol;
  readonly keyId: string;
  readonly peer: Uint8Array;
}

/** "Anyone" is the key 1, as 33 octets the generator. */
const ANYONE = Uint8Array.from(
  Buffer.from('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798', 'hex'),
);

/** The counterparty of BRC-100 as a point; throws for text that is none. */
export type PeerReader = (counterparty: string) => Uint8Array;

/**
 * What a BRC-100 wallet computes with its root key, natively where that works, octet for octet what `ProtoWallet` of the SDK computes. Each call throws for a
 * name or a point that is none.
 */
export interface WalletKeys {
  readonly identityKey: Uint8Array;
  readonly readPeer: PeerReader;
  /** `isOurs`: the key that we can sign with, else the peer's counterpart. */
  derivePublicKey(name: WalletKeyName, isOurs: boolean): Uint8Array;
  /** DER. */
  sign(digest: Uint8Array, name: WalletKeyName): Uint8Array;
  verify(digest: Uint8Array, der: Uint8Array, key: Uint8Array): boolean;
  authenticate(octets: Uint8Array, name: WalletKeyName): Uint8Array;
  /** `vector`: 32 fresh random octets. */
  encrypt(plain: Uint8Array, vector: Uint8Array, name: WalletKeyName): Uint8Array;
  /** Undefined where this key did not make it. */
  decrypt(sealed: Uint8Array, name: WalletKeyName): Uint8Array | undefined;
}

/** The SDK takes a key for a number, and a number has no leading zeros: what it hashes with is shorter once in 256 times. */
const trimZeros = (key: Uint8Array): Uint8Array => {
  const start = key.findIndex((octet) => octet !== 0);
  return start < 0 ? key.subarray(key.length) : key.subarray(start);
};

const openPeerReader =
  (self: Uint8Array, curve: CurveKeys): PeerReader =>
  (counterparty) => {
    if (counterparty === 'self') return self;
    if (counterparty === 'anyone') return ANYONE;
    const point = Uint8Array.from(Buffer.from(counterparty, 'hex'));
    if (counterparty.length !== 66 || !curve.isPoint(point))
      throw new Error('The counterparty is self, anyone or a compressed public key.');
    return point;
  };

/** `given`: 32 octets, which are copied. */
export const openWalletKeys = (given: Uint8Array, curve: CurveKeys = liveCurveKeys()): WalletKeys => {
  const root = Uint8Array.from(given);
  const identityKey = curve.publicKeyOf(root);
  const children = openChildKeys(root, curve);
  const secretOf = ({ protocol, keyId, peer }: WalletKeyName): Uint8Array =>
    children.deriveSecret(peer, writeInvoiceNumber(protocol, keyId));
  const peerKeyOf = ({ protocol, keyId, peer }: WalletKeyName): Uint8Array =>
    children.derivePeerKey(peer, writeInvoiceNumber(protocol, keyId));
  // BRC-2: the x coordinate of what the two child keys share.
  const sharedOf = (name: WalletKeyName): Uint8Array => curve.multiply(peerKeyOf(name), secretOf(name)).subarray(1);

  return {
    identityKey,
    readPeer: openPeerReader(identityKey, curve),
    derivePublicKey: (name, isOurs) => (isOurs ? curve.publicKeyOf(secretOf(name)) : peerKeyOf(name)),
    sign: (digest, name) => writeDer(curve.sign(digest, secretOf(name))),
    verify: (digest, der, key) => {
      const read = readDer(der);
      return read !== undefined && verifySignature(Buffer.from(digest), read, key);
    },
    authenticate: (octets, name) =>
      createHmac('sha256', trimZeros(sharedOf(name)))
        .update(octets)
        .digest(),
    encrypt: (plain, vector, name) => seal(plain, { key: sharedOf(name), vector }),
    decrypt: (sealed, name) => unseal(sealed, { key: sharedOf(name), vectorBytes: SDK_VECTOR_BYTES }),
  };
};
