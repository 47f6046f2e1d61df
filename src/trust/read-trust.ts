import type { FastifyRequest } from 'fastify';
import {
  isCertificateType,
  isIdentityKey,
  isOrganisationName,
  limits,
  reject,
  type CertificateRule,
  type Result,
} from '#atomic-core';
import type { TrustContent } from '#ledger';
import { z } from 'zod';
import { bodyOf, mediaTypeOf, readJson } from '../ingress';

const CHANGES_MAX = 100;
const DER = /^(?:[0-9a-f]{2}){8,72}$/u;

const publicKey = z.string().refine(isIdentityKey);
/** PostgreSQL and the one spelling of a moment have years of four digits. */
const moment = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= 0 && Date.parse(text) < Date.parse('9999-12-31T00:00:00Z'));
const fieldName = z
  .string()
  .max(limits.CERTIFICATE_FIELD_NAME_BYTES_MAX)
  .regex(/^[A-Za-z0-9]+$/u);

export const changeBody = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('add'),
    certifier: publicKey,
    type: z.string().refine(isCertificateType),
    fields: z
      .array(fieldName)
      .max(limits.CERTIFICATE_FIELDS_MAX)
      .refine((names) => new Set(names).size === names.length),
    revocable: z.boolean().default(true),
    until: moment.optional(),
    endorsement: z.string().regex(DER).optional(),
    effectiveAt: moment.optional(),
  }),
  z.strictObject({
    kind: z.literal('pin'),
    gateway: publicKey,
    organisation: z.string().refine(isOrganisationName),
    effectiveAt: moment.optional(),
  }),
  z.strictObject({ kind: z.literal('end'), id: z.guid(), effectiveAt: moment.optional() }),
]);

/** What is signed is judged by the core; this is what stands around it. */
export const bundleBody = z.strictObject({
  bundle: z.unknown(),
  signature: z.unknown(),
  effectiveAt: moment.optional(),
});

export const momentQuery = z.strictObject({ at: moment.optional() });
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(CHANGES_MAX).default(CHANGES_MAX),
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
});
export const bundleQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(limits.TRUST_BUNDLE_DAYS_MAX).default(90),
});

export interface AskedChange {
  readonly content: TrustContent;
  readonly effectiveAt: Date | undefined;
}

const readMoment = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

/** What a change is to do, each text in its one spelling. */
export const readChange = ({ effectiveAt, ...content }: z.output<typeof changeBody>): AskedChange => {
  const at = { effectiveAt: readMoment(effectiveAt) };
  if (content.kind !== 'add') return { content, ...at };
  const { certifier, type, fields, revocable, until, endorsement } = content;
  const rule: CertificateRule = { certifier, type, fields, revocable };
  const ends = readMoment(until)?.toISOString();
  return {
    content: {
      ...{ kind: 'add', ...rule },
      ...(ends !== undefined && { until: ends }),
      ...(endorsement !== undefined && { endorsement }),
    },
    ...at,
  };
};

/** The JSON body of a request in the form that `schema` gives; the refusal names the member, never what stood there. */
export function readTrustBody<T>(request: FastifyRequest, schema: z.ZodType<T>): Result<T> {
  if (mediaTypeOf(request) !== 'application/json') return reject('media-type-unsupported', 'application/json');
  const json = readJson(bodyOf(request));
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const member = parsed.error.issues[0]?.path.find(
    (part) => typeof part === 'string' && /^[A-Za-z]{1,32}$/u.test(part),
  );
  return reject(
    'request-malformed',
    member === undefined
      ? 'the body is not an object with the members that it may have'
      : `${String(member)} is not as it should be`,
  );
}

/** The query in the form that `schema` gives. */
export function readTrustQuery<T>(query: unknown, schema: z.ZodType<T>): Result<T> {
  const parsed = schema.safeParse(query);
  return parsed.success ? { ok: true, value: parsed.data } : reject('query-malformed');
}
