import { z } from 'zod';
import { limits } from '#atomic-core';
import type { Operation, Parameter } from '../operation';
import { EXAMPLE_KEY, EXAMPLE_TXID, outpoint, publicKey, txid } from './schemas';

const json = 'application/json';
const tag = 'certifier';
const access = 'brc-103';
const base64 = z.string().describe('Base64 of 32 octets');
const nonce = z.string().describe('Base64 of 48 octets');
const texts = z.record(z.string().max(limits.CERTIFICATE_FIELD_NAME_BYTES_MAX), z.string());
const auditLeaf = z.int().min(0);

const EXAMPLE_BASE64 = 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=';
const EXAMPLE_ID = '3f0c9a52-6f0e-4c1a-9a52-1d2e3f405162';

const request = z.strictObject({
  clientNonce: nonce.describe('`createNonce` of your wallet for the certifier'),
  type: base64,
  fields: texts.describe('Encrypted, base64, by name; every field of the type and no other'),
  masterKeyring: texts.describe('The keys of the fields, encrypted for the certifier'),
});
const requestExample = {
  clientNonce: 'x6Zk…',
  type: EXAMPLE_BASE64,
  fields: { name: 'sGk9…', role: 'pX1c…' },
  masterKeyring: { name: 'k0Pw…', role: 'b2Vj…' },
};

const issued = z.object({
  certificate: z.object({
    type: base64,
    serialNumber: base64.describe('HMAC over both nonces (`certificate issuance`)'),
    subject: publicKey.describe('Your own key'),
    certifier: publicKey,
    revocationOutpoint: outpoint.describe('Spent: revoked'),
    fields: texts.describe('As you sent them'),
    signature: z.string().describe('DER in hex'),
  }),
  serverNonce: nonce,
});
const issuedExample = {
  certificate: {
    ...{ type: EXAMPLE_BASE64, serialNumber: EXAMPLE_BASE64, subject: EXAMPLE_KEY, certifier: EXAMPLE_KEY },
    ...{ revocationOutpoint: `${EXAMPLE_TXID}.0`, fields: requestExample.fields, signature: '3045…' },
  },
  serverNonce: 'q8Lm…',
};

const states = z.enum(['pending', 'approved', 'refused', 'issued', 'withdrawn']);
const certification = z.object({
  id: z.uuid(),
  state: states.describe('`withdrawn`: its subject erased what it disclosed before it was signed'),
  organisation: z.string().describe('Of the subject'),
  subject: publicKey,
  type: base64,
  serialNumber: base64,
  revocationOutpoint: outpoint.nullable(),
  isRevoking: z.boolean().describe('Its revocation was ordered'),
  revokedBy: txid.nullable().describe('The transaction that spends the outpoint'),
  askedAt: z.iso.datetime(),
  decidedBy: publicKey.nullable(),
  values: texts.nullable().describe('What is to be certified; null once the subject erased it'),
});
const certificationExample = {
  ...{ id: EXAMPLE_ID, state: 'pending', organisation: 'acme', subject: EXAMPLE_KEY, type: EXAMPLE_BASE64 },
  ...{ serialNumber: EXAMPLE_BASE64, revocationOutpoint: null, isRevoking: false, revokedBy: null },
  ...{ askedAt: '2026-11-30T09:00:00.000Z', decidedBy: null, values: { name: 'Ann Ode', role: 'buyer' } },
};

const id: Parameter = {
  name: 'id',
  in: 'path',
  description: 'Id of the certification',
  schema: z.uuid(),
  required: true,
};
const listParameters: readonly Parameter[] = [
  { name: 'state', in: 'query', description: 'Those in this state alone', schema: states },
  { name: 'after', in: 'query', description: 'Those asked after this one', schema: z.uuid() },
  { name: 'limit', in: 'query', description: 'At most so many; 100 at most', schema: z.int().min(1).max(100) },
];

const decisionOf = (verb: 'approve' | 'refuse', state: 'approved' | 'refused', summary: string): Operation => ({
  ...{
    method: 'post',
    path: `/v1/certifications/{id}/${verb}`,
    operationId: `${verb}Certification`,
    tag,
    summary,
    access,
    people: true,
  },
  parameters: [id],
  answers: {
    200: {
      description: `It is ${state}; \`auditLeaf\` is null where it was so before.`,
      contents: [
        {
          mediaType: json,
          schema: z.object({ id: z.uuid(), state: z.literal(state), auditLeaf: auditLeaf.nullable() }),
          example: { id: EXAMPLE_ID, state, auditLeaf: 43 },
        },
      ],
    },
  },
  problems: ['certifier-only', 'certification-unknown', 'certification-conflict', 'certification-busy'],
});

const status = z.object({
  status: z.object({
    ...{ version: z.literal(1), certifier: publicKey, outpoint, state: z.enum(['good', 'revoked']) },
    asOf: z.iso.datetime().describe('When the certifier last knew it to be so'),
    spenderTxid: txid.nullable().describe('The transaction that revokes'),
    issuedAt: z.iso.datetime(),
    validUntil: z.iso.datetime().describe('It says nothing from then on; an hour later at most'),
  }),
  signature: z
    .string()
    .describe('DER in hex over the RFC 8785 text: BRC-43 `[2, "portcullis certificate status"]`, key id 1, anyone'),
  successions: z
    .array(
      z.object({
        succession: z.object({
          ...{ version: z.literal(1), certifier: publicKey, successor: publicKey },
          issuedAt: z.iso.datetime(),
        }),
        signature: z
          .string()
          .describe('Of the key that is followed, over the RFC 8785 text: BRC-43 `[2, "portcullis key succession"]`'),
      }),
    )
    .optional()
    .describe('Where the key that signed the certificate has ended: from that one to the one that signed this'),
});
const statusExample = {
  status: {
    ...{ version: 1, certifier: EXAMPLE_KEY, outpoint: `${EXAMPLE_TXID}.0`, state: 'good', spenderTxid: null },
    ...{
      asOf: '2026-11-30T09:00:00.000Z',
      issuedAt: '2026-11-30T09:01:00.000Z',
      validUntil: '2026-11-30T09:11:00.000Z',
    },
  },
  signature: '3045…',
};

const findStatus: Operation = {
  method: 'get',
  path: '/certificate-status/{outpoint}',
  operationId: 'findCertificateStatus',
  tag,
  summary: 'Whether a certificate of this gateway still holds, signed and of short life',
  description: `Anybody may ask. \`revocation-unknown\` while a revocation is ordered and its transaction is not there yet, and where nobody has looked yet.`,
  access: 'open',
  parameters: [{ name: 'outpoint', in: 'path', description: 'Revocation outpoint', schema: outpoint, required: true }],
  answers: {
    200: {
      description: 'What the certifier says.',
      contents: [{ mediaType: json, schema: status, example: statusExample }],
    },
  },
  problems: ['certification-unknown', 'revocation-unknown', 'rate-limited'],
};

/** Of a gateway that is a certifier; others have none of these routes. */
export const certifierPaths: readonly Operation[] = [
  findStatus,
  {
    method: 'post',
    path: '/v1/certifier/signCertificate',
    operationId: 'signCertificate',
    tag,
    summary: 'Ask for a certificate of this gateway (BRC-53)',
    description: `What \`acquireCertificate\` of a BRC-100 wallet sends by issuance, with \`certifierUrl\` at \`/v1/certifier\` of this gateway. The subject is whoever sends it. Where a
member has to approve, the answer is \`certification-pending\` until then: ask again for the same, with the same nonce or another.`,
    access,
    body: [{ mediaType: json, schema: request, example: requestExample }],
    answers: {
      200: {
        description: 'The certificate. The same request gets the same.',
        contents: [{ mediaType: json, schema: issued, example: issuedExample }],
      },
    },
    problems: [
      ...(['media-type-unsupported', 'certificate-malformed', 'certificate-field-missing'] as const),
      ...(['certificate-undecryptable', 'certificate-revoked', 'certification-not-offered'] as const),
      ...(['certification-nonce-invalid', 'certification-pending', 'certification-refused'] as const),
      ...(['certification-exhausted', 'certification-conflict', 'certification-busy'] as const),
      ...(['certifier-unavailable', 'chain-unsettled', 'verification-busy'] as const),
    ],
  },
  {
    method: 'get',
    path: '/v1/certifications',
    operationId: 'listCertifications',
    tag,
    summary: 'What was asked of the certifier, and what became of it',
    description: 'For members of the organisation of the certifier, the oldest first.',
    access,
    people: true,
    parameters: listParameters,
    answers: {
      200: {
        description: 'A page; `next` is what to ask after, null at the end.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ certifications: z.array(certification), next: z.uuid().nullable() }),
            example: { certifications: [certificationExample], next: null },
          },
        ],
      },
    },
    problems: ['query-malformed', 'certifier-only'],
  },
  decisionOf('approve', 'approved', 'Let a request be signed'),
  decisionOf('refuse', 'refused', 'Refuse a request that is not signed yet'),
  {
    method: 'post',
    path: '/v1/certifications/{id}/revoke',
    operationId: 'revokeCertification',
    tag,
    summary: 'Revoke by spending the revocation outpoint',
    description: `The operator's wallet spends it, and the transaction goes the way of every submission. Revoked here from its COMMIT on, and for everybody who looks at the chain when it is
there. Also spends an outpoint that no certificate came of.`,
    access,
    people: true,
    parameters: [id],
    answers: {
      200: {
        description: 'It is revoked; `revokedBy` is null where there is no outpoint and never will be.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ id: z.uuid(), revokedBy: txid.nullable() }),
            example: { id: EXAMPLE_ID, revokedBy: EXAMPLE_TXID },
          },
        ],
      },
    },
    problems: [
      ...(['certifier-only', 'certification-unknown', 'certification-conflict', 'certification-busy'] as const),
      ...(['certifier-unavailable', 'chain-unsettled', 'verification-busy'] as const),
    ],
  },
];
