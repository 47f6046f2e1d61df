import { createCipheriv, createDecipheriv } from 'node:crypto';

/** AES-256-GCM: the vector stands in front of the ciphertext, the tag behind it. `SymmetricKey` of the SDK takes a vector of 32 octets; ours has the usual 12. */
export const SDK_VECTOR_BYTES = 32;
export const VECTOR_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const NO_OCTETS = new Uint8Array(0);

export interface SealedWith {
  /** 32 octets. */
  readonly key: Uint8Array;
  /** Fresh and random for each use of a key. */
  readonly vector: Uint8Array;
  /** What it belongs to: opened under any other it is nothing. */
  readonly context?: Uint8Array;
}

export const seal = (plain: Uint8Array, { key, vector, context = NO_OCTETS }: SealedWith): Buffer => {
  const cipher = createCipheriv('aes-256-gcm', key, vector, { authTagLength: TAG_BYTES });
  cipher.setAAD(context);
  return Buffer.concat([vector, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
};

export interface OpenedWith {
  readonly key: Uint8Array;
  readonly vectorBytes: number;
  readonly context?: Uint8Array;
}

/** Undefined when this key, in this context, did not seal these octets. */
export const unseal = (
  sealed: Uint8Array,
  { key, vectorBytes, context = NO_OCTETS }: OpenedWith,
): Buffer | undefined => {
  const tagAt = sealed.length - TAG_BYTES;
  if (key.length !== KEY_BYTES || tagAt < vectorBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, vectorBytes), { authTagLength: TAG_BYTES });
  decipher.setAAD(context);
  decipher.setAuthTag(sealed.subarray(tagAt));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(vectorBytes, tagAt)), decipher.final()]);
  } catch {
    // The tag does not fit: another key, or octets that were changed.
    return undefined;
  }
};
