import { limits, readBase64 } from '#atomic-core';
import { z } from 'zod';
import { described, listOfParties, organisationName, structured, wholeNumber } from './fields';

const CERTIFICATE_TYPE_BYTES = 32;

const field = z
  .string()
  .max(limits.CERTIFICATE_FIELD_NAME_BYTES_MAX)
  .regex(/^[A-Za-z0-9]+$/u, 'must be ASCII letters and digits');

const certifiedType = z.strictObject({
  type: z.string().refine((text) => readBase64(text)?.length === CERTIFICATE_TYPE_BYTES, 'must be base64 of 32 octets'),
  /** What a certificate of this type says: these fields, each of them and no others. */
  fields: z
    .array(field)
    .min(1)
    .max(limits.CERTIFICATE_FIELDS_MAX)
    .refine((names) => new Set(names).size === names.length, 'must not list a field twice'),
  /** `automatic` signs whatever one of the askers says of itself. */
  approval: z.enum(['automatic', 'manual']).default('manual'),
  /** Identity keys, names of organisations, or `*`. */
  askers: listOfParties(),
  /** Certificates and open requests of one identity. */
  liveMax: wholeNumber(1, 1_000).default(4),
});

const certifier = z.strictObject({
  /** Whose members decide. */
  organisation: organisationName(),
  types: z
    .array(certifiedType)
    .min(1)
    .max(64)
    .refine((types) => new Set(types.map(({ type }) => type)).size === types.length, 'must not list a type twice'),
});

/** What this gateway certifies itself. */
export const certifierSettings = {
  certifier: described(
    structured(certifier).optional(),
    'JSON: `{organisation, types: [{type, fields, askers, approval?, liveMax?}]}`: certificates that this gateway issues itself',
    'none are issued',
  ),
} as const;

export type CertifierSetting = z.output<typeof certifier>;
