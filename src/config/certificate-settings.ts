import { isIdentityKey, limits, readBase64 } from '#atomic-core';
import { z } from 'zod';
import { described, httpUrl, milliseconds, secret, structured, text, wholeNumber } from './fields';

const CERTIFICATE_TYPE_BYTES = 32;

const isType = (text: string): boolean => readBase64(text)?.length === CERTIFICATE_TYPE_BYTES;

const certificateRule = z.strictObject({
  /** What policies call it. Without a name no policy can ask for it. */
  name: z
    .string()
    .max(64)
    .regex(/^[a-z][A-Za-z0-9]*$/u, 'must be a lower-case letter, then ASCII letters and digits')
    // What policies call the certificate by which somebody from outside approves.
    .refine((name) => name !== 'standing', 'must not be `standing`')
    .optional(),
  certifier: z.string().refine(isIdentityKey, 'must be a compressed public key in lower-case hex'),
  type: z.string().refine(isType, 'must be base64 of 32 octets'),
  /** What is asked for and stored; nothing else of the certificate is. */
  fields: z
    .array(
      z
        .string()
        .max(limits.CERTIFICATE_FIELD_NAME_BYTES_MAX)
        .regex(/^[A-Za-z0-9]+$/u, 'must be ASCII letters and digits'),
    )
    .max(limits.CERTIFICATE_FIELDS_MAX)
    .refine((names) => new Set(names).size === names.length, 'must not list a field twice'),
  revocable: z.boolean().default(true),
});

const certificateRules = z
  .array(certificateRule)
  .max(64)
  .superRefine((rules, context) => {
    const names = rules.map(({ certifier, type }) => `${certifier} ${type}`);
    if (new Set(names).size !== names.length)
      context.addIssue({ code: 'custom', message: 'must not list a type of one certifier twice' });
    const called = rules.flatMap(({ name }) => (name === undefined ? [] : [name]));
    if (new Set(called).size !== called.length)
      context.addIssue({ code: 'custom', message: 'must not use a name twice' });
    // BRC-103 asks for fields by type alone: with two lists of one type, more would be asked of somebody than is needed.
    const fieldsOf = new Map<string, string>();
    for (const { type, fields } of rules) {
      const listed = [...fields].sort().join(' ');
      if ((fieldsOf.get(type) ?? listed) !== listed)
        context.addIssue({ code: 'custom', message: 'must name the same fields wherever it names a type' });
      fieldsOf.set(type, listed);
    }
  });

const revocationSource = z.discriminatedUnion('kind', [
  z.strictObject({
    // Of a `spend-proof` no word counts: it is asked for proofs of what others say.
    kind: z.enum(['devnet', 'whatsonchain', 'spend-proof']),
    url: httpUrl(),
    apiKey: secret().optional(),
  }),
  z.strictObject({
    kind: z.literal('certifier'),
    url: httpUrl(),
    /** Whose signed word counts, about its own certificates and no others. */
    certifier: z.string().refine(isIdentityKey, 'must be a compressed public key in lower-case hex'),
  }),
]);

/** Which certificates are asked for and accepted, and who is asked whether they are revoked. */
export const certificateSettings = {
  certificates: described(
    structured(certificateRules).default([]),
    'JSON: list of `{certifier, type, fields, revocable?, name?}` that callers are asked for; `"revocable": false` also takes what cannot be revoked; policies ask for it by its name',
    'none are asked for, none accepted',
  ),
  gatewayCertificates: described(
    text().optional(),
    'Path of a JSON file, list of `{certificate, reveal: [{to, fields}]}`: certificates about the gateway itself, and who may see which fields; see [Show certificates](#show-certificates)',
    'none are shown',
  ),
  revocationSources: described(
    structured(z.array(revocationSource).max(8)).optional(),
    'JSON: list of `{kind, url, apiKey?}`, kind `whatsonchain`, `devnet` or `spend-proof`, or `{kind: "certifier", url, certifier}`, who say or prove whether a certificate is revoked',
    "the development network's",
  ),
  revocationIntervalMs: described(
    milliseconds(1_000, 86_400_000).default(300_000),
    'How old an answer about revocation has to be for the relay to ask again',
  ),
  revocationChecksPerMinute: described(
    wholeNumber(1, 60_000).default(60),
    'Revocation outpoints that all relays together ask about in a minute, the oldest answer first',
  ),
} as const;

export type RevocationSourceSetting = z.output<typeof revocationSource>;
