import { z } from 'zod';
import { limits } from '#atomic-core';
import type { Operation, Parameter } from '../operation';
import { EXAMPLE_KEY, publicKey } from './schemas';

const json = 'application/json';
const EXAMPLE_TYPE = 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=';
const EXAMPLE_ID = '3f0c9a52-6f0e-4c1a-9a52-1d2e3f405162';
const moment = z.iso.datetime();
const asked = moment.describe('When it takes effect; as soon as enough agree, where it is absent or over by then');
const certificateType = z.string().describe('Base64 of 32 octets');
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/u);
const fields = z.array(z.string()).max(limits.CERTIFICATE_FIELDS_MAX);
const der = z.string().describe('DER in hex');

const rule = z.object({
  id: z.guid(),
  certifier: publicKey,
  type: certificateType,
  fields,
  revocable: z.boolean(),
  source: z
    .object({ gateway: publicKey, organisation: name })
    .nullable()
    .describe('Whose bundle it came from; null: your own'),
  isExported: z.boolean().describe('It goes into your bundles'),
  changeId: z.guid(),
  validFrom: moment,
  validUntil: moment.nullable(),
});
const pin = z.object({
  id: z.guid(),
  gateway: publicKey,
  organisation: name,
  changeId: z.guid(),
  validFrom: moment,
  validUntil: moment.nullable(),
});
const registry = z.object({
  organisation: name,
  approvalsNeeded: z.int().min(1),
  rules: z.array(rule),
  pins: z.array(pin).describe('Which gateways may speak for which organisations'),
});
const ruleExample = {
  ...{ id: EXAMPLE_ID, certifier: EXAMPLE_KEY, type: EXAMPLE_TYPE, fields: ['role'], revocable: true },
  ...{ source: null, isExported: true, changeId: EXAMPLE_ID },
  ...{ validFrom: '2026-12-01T00:00:00.000Z', validUntil: null },
};

const change = z.object({
  id: z.guid(),
  kind: z.enum(['add', 'pin', 'import', 'end']),
  content: z.looseObject({}).describe('What it does'),
  contentHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/u)
    .describe('SHA-256 of the content in canonical JSON (RFC 8785), as it is in the audit'),
  state: z
    .enum(['proposed', 'scheduled', 'effective', 'withdrawn'])
    .describe('Scheduled: enough agree and its moment is to come'),
  proposedBy: publicKey,
  proposedAt: moment,
  effectiveAt: moment.nullable().describe('As it was asked'),
  tookEffectAt: moment.nullable().describe('The moment, once enough agree'),
  approvalsNeeded: z.int().min(1),
  approvals: z.array(z.object({ identityKey: publicKey, auditLeaf: z.int().min(0) })),
  withdrawnBy: publicKey.nullable(),
});
const changeExample = {
  ...{ id: EXAMPLE_ID, kind: 'pin', content: { gateway: EXAMPLE_KEY, organisation: 'acme' } },
  ...{ contentHash: 'ab'.repeat(32), state: 'proposed', proposedBy: EXAMPLE_KEY },
  ...{ proposedAt: '2026-11-30T09:00:00.000Z', effectiveAt: null, tookEffectAt: null, approvalsNeeded: 2 },
  ...{ approvals: [{ identityKey: EXAMPLE_KEY, auditLeaf: 41 }], withdrawnBy: null },
};

const body = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('add'),
    certifier: publicKey,
    type: certificateType,
    fields: fields.describe('What is asked for and stored'),
    revocable: z.boolean().optional().describe('`false` also takes what cannot be revoked'),
    until: moment.optional(),
    endorsement: der.optional().describe('By the certifier, so that the rule goes into your bundles'),
    effectiveAt: asked.optional(),
  }),
  z.strictObject({
    kind: z.literal('pin'),
    gateway: publicKey,
    organisation: name.describe('For whom this gateway may speak: its name there'),
    effectiveAt: asked.optional(),
  }),
  z.strictObject({
    kind: z.literal('end'),
    id: z.guid().describe('Of a rule, or of a pin: what came by it ends too'),
    effectiveAt: asked.optional(),
  }),
]);

const bundle = z.strictObject({
  version: z.literal(1),
  issuer: publicKey,
  organisation: name,
  sequence: z.int().min(1),
  issuedAt: moment,
  expiresAt: moment,
  rules: z
    .array(
      z.strictObject({
        certifier: publicKey,
        type: certificateType,
        fields,
        revocable: z.boolean(),
        from: moment,
        until: moment.optional(),
        endorsement: der,
      }),
    )
    .max(limits.TRUST_BUNDLE_RULES_MAX),
});
const signed = { bundle, signature: der };
const bundleExample = {
  bundle: {
    ...{ version: 1, issuer: EXAMPLE_KEY, organisation: 'acme', sequence: 1_796_000_000_000_000, rules: [] },
    ...{ issuedAt: '2026-11-30T09:00:00.000Z', expiresAt: '2027-02-28T09:00:00.000Z' },
  },
  signature: '3045…',
};

const answer = (description: string, schema: z.ZodType, example?: unknown) => ({
  description,
  contents: [{ mediaType: json, schema, ...(example !== undefined && { example }) }],
});
const location = { headers: { location: 'Where the change is to be seen' } };
const id: Parameter = { name: 'id', in: 'path', description: 'Id of a change', schema: z.guid(), required: true };
const EFFECTS = [
  'trust-rule-conflict',
  'trust-rule-unknown',
  'trust-change-late',
  'trust-limit-exceeded',
  'trust-bundle-unpinned',
  'trust-bundle-expired',
  'trust-bundle-stale',
] as const;

export const trustPaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/trust',
    operationId: 'getTrust',
    tag: 'trust',
    summary: 'Which certifiers your organisation trusts, now or at a moment',
    description:
      'What was in force at a moment that is over never changes. The rules of the configuration are not among these.',
    access: 'brc-103',
    people: true,
    parameters: [{ name: 'at', in: 'query', description: 'The moment; now where absent', schema: moment }],
    answers: {
      200: answer('What is in force.', registry, {
        ...{ organisation: 'globex', approvalsNeeded: 2, rules: [ruleExample], pins: [] },
      }),
    },
    problems: ['query-malformed', 'trust-registry-absent'],
  },
  {
    method: 'get',
    path: '/v1/trust/changes',
    operationId: 'listTrustChanges',
    tag: 'trust',
    summary: 'Every change, newest first',
    access: 'brc-103',
    people: true,
    parameters: [
      { name: 'limit', in: 'query', description: 'At most so many; 100 at most', schema: z.int().min(1).max(100) },
      { name: 'before', in: 'query', description: '`next` of the page before', schema: z.int().min(1) },
    ],
    answers: {
      200: answer(
        'A page; `next` is what to ask before, null at the end.',
        z.object({ changes: z.array(change), next: z.int().nullable() }),
        { changes: [changeExample], next: null },
      ),
    },
    problems: ['query-malformed', 'trust-registry-absent'],
  },
  {
    method: 'post',
    path: '/v1/trust/changes',
    operationId: 'proposeTrustChange',
    tag: 'trust',
    summary: 'Propose to trust a certifier, to pin a gateway, or to end either',
    description: `You agree to it by proposing it; it takes effect when as many members as \`PORTCULLIS_TRUST_APPROVALS\` says agree, at its moment. What takes effect is judged
then: where it contradicts something, the last to agree is refused and the change waits on.`,
    access: 'brc-103',
    people: true,
    body: [{ mediaType: json, schema: body, example: { kind: 'pin', gateway: EXAMPLE_KEY, organisation: 'acme' } }],
    answers: { 201: { ...answer('It is proposed, or in effect.', change, changeExample), ...location } },
    problems: [
      'media-type-unsupported',
      'trust-registry-absent',
      'trust-certifier-foreign',
      'trust-rule-conflict',
      'trust-rule-unknown',
      'trust-change-late',
      'trust-limit-exceeded',
    ],
  },
  {
    method: 'get',
    path: '/v1/trust/changes/{id}',
    operationId: 'getTrustChange',
    tag: 'trust',
    summary: 'One change',
    access: 'brc-103',
    people: true,
    parameters: [id],
    answers: { 200: answer('The change.', change, changeExample) },
    problems: ['trust-registry-absent', 'trust-change-unknown'],
  },
  {
    method: 'post',
    path: '/v1/trust/changes/{id}/approvals',
    operationId: 'approveTrustChange',
    tag: 'trust',
    summary: 'Agree to a change',
    description: 'An identity agrees once; again changes nothing.',
    access: 'brc-103',
    people: true,
    parameters: [id],
    answers: { 200: answer('The change as it is now.', change, changeExample) },
    problems: ['trust-registry-absent', 'trust-change-unknown', 'trust-change-ended', ...EFFECTS],
  },
  {
    method: 'delete',
    path: '/v1/trust/changes/{id}',
    operationId: 'withdrawTrustChange',
    tag: 'trust',
    summary: 'Withdraw a change that not enough have agreed to',
    access: 'brc-103',
    people: true,
    parameters: [id],
    answers: { 200: answer('It is withdrawn.', change, { ...changeExample, state: 'withdrawn' }) },
    problems: ['trust-registry-absent', 'trust-change-unknown', 'trust-change-ended'],
  },
  {
    method: 'get',
    path: '/v1/trust/bundle',
    operationId: 'exportTrustBundle',
    tag: 'trust',
    summary: 'What your organisation tells others of its certifiers, signed by this gateway',
    description: `Signed with BRC-100 \`createSignature\`: protocol \`[2, 'portcullis trust bundle']\`, key id \`1\`, counterparty \`anyone\`, over the canonical JSON (RFC 8785) of
\`bundle\` in UTF-8. Only your own rules that their certifiers endorsed are in it.`,
    access: 'brc-103',
    people: true,
    parameters: [
      {
        ...{ name: 'days', in: 'query', description: 'How long it lasts; 90 where absent' },
        schema: z.int().min(1).max(limits.TRUST_BUNDLE_DAYS_MAX),
      },
    ],
    answers: { 200: answer('The bundle.', z.strictObject(signed), bundleExample) },
    problems: ['query-malformed', 'trust-registry-absent', 'trust-limit-exceeded', 'trust-certifier-foreign'],
  },
  {
    method: 'post',
    path: '/v1/trust/bundles',
    operationId: 'importTrustBundle',
    tag: 'trust',
    summary: 'Propose to trust what another organisation says of its certifiers',
    description: `A change like any other. The issuer has to be pinned for the organisation that it speaks for, every certifier has to be endorsed by itself for that organisation, and the
sequence number has to be above that of the last one. It takes the place of the last one, and none of its rules outlasts it.`,
    access: 'brc-103',
    people: true,
    body: [
      { mediaType: json, schema: z.strictObject({ ...signed, effectiveAt: asked.optional() }), example: bundleExample },
    ],
    answers: { 201: { ...answer('It is proposed, or in effect.', change, changeExample), ...location } },
    problems: [
      'media-type-unsupported',
      'trust-registry-absent',
      'trust-bundle-malformed',
      'trust-bundle-signature-invalid',
      'trust-certifier-foreign',
      'trust-bundle-unpinned',
      'trust-bundle-expired',
      'trust-bundle-stale',
      'trust-rule-conflict',
      'trust-limit-exceeded',
    ],
  },
];
