import { randomBytes } from 'node:crypto';
import { type DisclosureOwner, hashDisclosure, openDisclosure, sealDisclosure, sha256 } from '#atomic-core';

const VECTOR_BYTES = 12;

interface Holder {
  readonly organisation: string;
  readonly subject: string;
}

const nameOf = (text: string): Buffer => sha256(Buffer.from(text, 'utf8'));

/** There is no certificate yet: the request stands in its place. */
const ownerOf = ({ organisation, subject }: Holder, name: string): DisclosureOwner => ({
  ...{ organisation, subject, certificateHash: nameOf(name) },
});

export interface AskedValues {
  readonly holder: Holder;
  readonly values: ReadonlyMap<string, string>;
  readonly dataKey: Uint8Array;
}

/** Equal where one subject asks for the same values in the same type; without its key nobody can tell what they are. */
export const hashContent = (type: string, { holder, values, dataKey }: AskedValues): Buffer =>
  sha256(
    Buffer.from(
      JSON.stringify([...hashDisclosure(values, ownerOf(holder, `certification type ${type}`), dataKey)].sort()),
    ),
  );

export const sealValues = (id: string, { holder, values, dataKey }: AskedValues): Buffer =>
  sealDisclosure(values, ownerOf(holder, `certification ${id}`), { dataKey, vector: randomBytes(VECTOR_BYTES) });

/** Throws where it is another's, or another request's: a row was moved. */
export const openValues = (
  { id, disclosure, ...holder }: Holder & { readonly id: string; readonly disclosure: Uint8Array },
  dataKey: Uint8Array,
): ReadonlyMap<string, string> => {
  const values = openDisclosure(disclosure, ownerOf(holder, `certification ${id}`), dataKey);
  if (values === undefined) throw new Error('A disclosure is not of the request that it is stored with.');
  return values;
};
