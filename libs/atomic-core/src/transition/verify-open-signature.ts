import { sha256 } from '../bytes';
import { openChildKeys, writeInvoiceNumber } from '../crypto/child-keys';
import { readDer, writeDer } from '../crypto/der-signature';
import { verifySignature } from '../crypto/verify-signature';

export interface OpenSignature {
  readonly data: Uint8Array;
  /** DER, as BRC-100 `createSignature` returns it. */
  readonly signature: Uint8Array;
  /** 33 bytes. */
  readonly signer: Uint8Array;
  readonly protocol: readonly [0 | 1 | 2, string];
  readonly keyId: string;
}

/** "Anyone" is the key 1: the other side of a signature that needs no secret to check. */
const ANYONE = new Uint8Array(32).fill(1, 31);
const DER_BYTES_MAX = 72;
/** Half the order of secp256k1: of the two S that verify, the lower one is the canonical (BIP62). */
const HALF_ORDER = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex');

/** The key that `signer` signs and locks with for "anyone" (BRC-42), 33 bytes. Throws for a signer off the curve and for a name that is none. */
export const deriveOpenKey = ({
  signer,
  protocol,
  keyId,
}: Pick<OpenSignature, 'signer' | 'protocol' | 'keyId'>): Uint8Array =>
  openChildKeys(ANYONE).derivePeerKey(signer, writeInvoiceNumber(protocol, keyId));

/**
 * Whether `signer` made this BRC-100 signature with counterparty "anyone", the kind that needs no secret to check. Strict DER and low S: a signature
 * has one encoding, so nobody can restate another's signature as different bytes.
 */
export function verifyOpenSignature({ data, signature, signer, protocol, keyId }: OpenSignature): boolean {
  if (signature.length > DER_BYTES_MAX || signer.length !== 33) return false;
  const read = readDer(signature);
  if (read === undefined || HALF_ORDER.compare(read, 32) < 0 || !Buffer.from(writeDer(read)).equals(signature))
    return false;
  try {
    return verifySignature(sha256(data), read, deriveOpenKey({ signer, protocol, keyId }));
  } catch {
    // Thrown for a point off the curve and for a name that is none: neither is a signature.
    return false;
  }
}
