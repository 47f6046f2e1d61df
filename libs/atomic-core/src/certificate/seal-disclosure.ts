import { createHmac, hkdfSync } from 'node:crypto';
import { VECTOR_BYTES, seal, unseal } from '../crypto/symmetric';
import { writeBound } from './write-bound';

/** Whose disclosure it is and of which certificate: sealed together, so that no row can be read in the place of another. */
export interface DisclosureOwner {
  readonly organisation: string;
  readonly subject: string;
  /** SHA-256 of the certificate. */
  readonly certificateHash: Uint8Array;
}

const deriveKey = (dataKey: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', dataKey, '', `portcullis ${purpose} v1`, 32));

const contextOf = ({ organisation, subject, certificateHash }: DisclosureOwner): Buffer =>
  writeBound([organisation, subject, certificateHash]);

/** `vector`: 12 fresh random octets. */
export const sealDisclosure = (
  values: ReadonlyMap<string, string>,
  owner: DisclosureOwner,
  { dataKey, vector }: { readonly dataKey: Uint8Array; readonly vector: Uint8Array },
): Buffer =>
  seal(Buffer.from(JSON.stringify([...values]), 'utf8'), {
    key: deriveKey(dataKey, 'disclosed values'),
    vector,
    context: contextOf(owner),
  });

/** Undefined when it was sealed with another key or for another owner. */
export const openDisclosure = (
  sealed: Uint8Array,
  owner: DisclosureOwner,
  dataKey: Uint8Array,
): ReadonlyMap<string, string> | undefined => {
  const key = deriveKey(dataKey, 'disclosed values');
  const octets = unseal(sealed, { key, vectorBytes: VECTOR_BYTES, context: contextOf(owner) });
  return octets && new Map(JSON.parse(octets.toString('utf8')) as [string, string][]);
};

/**
 * What the audit keeps of each value, by name. Keyed with the subject's own key: names and numbers are guessed from a plain hash in seconds, from this one
 * by nobody once the key is destroyed.
 */
export const hashDisclosure = (
  values: ReadonlyMap<string, string>,
  owner: DisclosureOwner,
  dataKey: Uint8Array,
): ReadonlyMap<string, string> => {
  const key = deriveKey(dataKey, 'hashes of disclosed values');
  const hashOf = (name: string, value: string): string =>
    createHmac('sha256', key)
      .update(writeBound([owner.certificateHash, name, value]))
      .digest('hex');
  return new Map([...values].map(([name, value]) => [name, hashOf(name, value)]));
};
