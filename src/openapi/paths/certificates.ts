import { z } from 'zod';
import { limits } from '#atomic-core';
import type { Operation, Parameter } from '../operation';
import { EXAMPLE_KEY, outpoint, publicKey, txid } from './schemas';

const json = 'application/json';
const base64 = z.string().describe('Base64 of 32 octets');
const texts = z.record(z.string().max(limits.CERTIFICATE_FIELD_NAME_BYTES_MAX), z.string());
const names = z.array(z.string()).describe('What is asked for and stored, and nothing else that was disclosed');
const hash = z.string().regex(/^[0-9a-f]{64}$/u);

const certificate = z.strictObject({
  type: base64,
  serialNumber: base64,
  subject: publicKey.describe('Your own key'),
  certifier: publicKey,
  revocationOutpoint: outpoint.describe('Spent: revoked. All zeros with `.0`: it cannot be revoked'),
  fields: texts.describe('Encrypted, base64, by name: ASCII letters and digits'),
  signature: z.string().describe('DER in hex'),
  keyring: texts.optional().describe('The keys of the fields that you disclose, encrypted for the gateway'),
});
const EXAMPLE_BASE64 = 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=';
const certificateExample = {
  type: EXAMPLE_BASE64,
  serialNumber: EXAMPLE_BASE64,
  subject: EXAMPLE_KEY,
  certifier: EXAMPLE_KEY,
  revocationOutpoint: `${'c0'.repeat(32)}.0`,
  fields: { name: 'sGk9…', role: 'pX1c…' },
  signature: '3045…',
  keyring: { role: 'b2Vj…' },
};

const presented = z.object({
  type: base64,
  serialNumber: base64,
  certifier: publicKey,
  certificateHash: hash,
  fields: names,
  outcome: z.enum(['presented', 'known']),
  auditLeaf: z.int().min(0),
});
const presentedExample = {
  type: EXAMPLE_BASE64,
  serialNumber: EXAMPLE_BASE64,
  certifier: EXAMPLE_KEY,
  certificateHash: 'c0'.repeat(32),
  fields: ['role'],
  outcome: 'presented',
  auditLeaf: 41,
};

const held = z.object({
  type: base64,
  serialNumber: base64,
  certifier: publicKey,
  revocationOutpoint: outpoint,
  certificateHash: hash,
  fields: names,
  state: z
    .enum(['held', 'untrusted', 'erased', 'revoked'])
    .describe(
      'Untrusted: the rule that it was accepted under has ended. Revoked: it is known who spends the revocation outpoint',
    ),
  revocation: z
    .object({ state: z.enum(['good', 'unknown', 'not-revocable']), source: z.string(), asOf: z.iso.datetime() })
    .describe('What was found out when it was presented last'),
  revokedBy: txid.nullable(),
  presentedAt: z.iso.datetime(),
  auditLeaf: z.int().min(0),
  values: texts.optional().describe('Where they were asked for and are not erased'),
});
const { outcome: _outcome, ...heldExample } = {
  ...presentedExample,
  revocationOutpoint: `${'c0'.repeat(32)}.0`,
  state: 'held',
  revocation: {
    state: 'good',
    source: 'whatsonchain api.whatsonchain.com/v1/bsv/main',
    asOf: '2026-11-22T09:00:00.000Z',
  },
  revokedBy: null,
  presentedAt: '2026-11-22T09:00:00.000Z',
};

const decision = z.object({
  transitionId: z.uuid(),
  txid,
  identityKey: publicKey.describe('Who submitted it'),
  auditLeaf: z.int().min(0),
  at: z.iso.datetime(),
  state: z
    .enum(['good', 'unknown', 'not-revocable'])
    .describe('Of the certificate, as it was known when this was committed'),
  asOf: z.iso.datetime().nullable().describe('For when the source said so'),
  asOfHeight: z.int().min(0).nullable().describe('Height of the best block known here then'),
  source: z.string(),
  policyVersion: hash.nullable().describe('SHA-256 of the policies that allowed it'),
  settlement: z.string(),
});
const decisionExample = {
  transitionId: '3f0c9a52-6f0e-4c1a-9a52-1d2e3f405162',
  txid: 'c0'.repeat(32),
  identityKey: EXAMPLE_KEY,
  auditLeaf: 57,
  at: '2026-11-30T09:00:00.000Z',
  state: 'good',
  asOf: '2026-11-30T08:58:00.000Z',
  asOfHeight: 870_123,
  source: 'whatsonchain api.whatsonchain.com/v1/bsv/main',
  policyVersion: 'ab'.repeat(32),
  settlement: 'mined',
};
const decisionParameters: readonly Parameter[] = [
  { name: 'hash', in: 'path', description: 'The hash of the certificate', schema: hash, required: true },
  { name: 'after', in: 'query', description: 'Decisions after this audit leaf', schema: z.int().min(-1) },
  { name: 'limit', in: 'query', description: 'At most so many; 100 at most', schema: z.int().min(1).max(100) },
];

const values: Parameter = {
  name: 'values',
  in: 'query',
  description: '`true` shows you what you disclosed',
  schema: z.enum(['true', 'false']),
};

const answerOf = (description: string) => ({
  description,
  contents: [{ mediaType: json, schema: presented, example: presentedExample }],
});

export const certificatesPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/certificates',
    operationId: 'presentCertificate',
    tag: 'certificates',
    summary: 'Present an identity certificate of your own (BRC-52)',
    description: `\`AuthFetch\` presents what the handshake asks for by itself; this is for those who do it by hand. The certifier and the type have to be accepted here, every
field that is asked for has to be disclosed. Those are decrypted, stored encrypted under a key of yours alone, and can be erased; nothing else of the certificate is stored.`,
    access: 'brc-103',
    body: [{ mediaType: json, schema: certificate, example: certificateExample }],
    answers: {
      200: answerOf('The same was presented before.'),
      201: answerOf('It is verified and kept.'),
    },
    problems: [
      'media-type-unsupported',
      'certificate-malformed',
      'certificate-untrusted',
      'certificate-foreign',
      'certificate-field-missing',
      'certificate-undecryptable',
      'certificate-signature-invalid',
      'certificate-revoked',
      'certificate-conflict',
      'revocation-unknown',
    ],
  },
  {
    method: 'get',
    path: '/v1/certificates',
    operationId: 'listCertificates',
    tag: 'certificates',
    summary: 'Your own certificates, as they are kept here',
    access: 'brc-103',
    parameters: [values],
    answers: {
      200: {
        description: 'The certificates.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ certificates: z.array(held) }),
            example: { certificates: [heldExample] },
          },
        ],
      },
    },
    problems: ['query-malformed'],
  },
  {
    method: 'get',
    path: '/v1/certificates/{hash}/decisions',
    operationId: 'listCertificateDecisions',
    tag: 'certificates',
    summary: 'What your organisation did on the strength of a certificate',
    description: `Each transition that was allowed on it, with what was known of its revocation when it was committed, in the order of the audit. For looking back at a certificate
that is revoked.`,
    access: 'brc-103',
    people: true,
    parameters: [...decisionParameters],
    answers: {
      200: {
        description: 'A page; `next` is what to ask after, null at the end.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ decisions: z.array(decision), next: z.int().min(0).nullable() }),
            example: { decisions: [decisionExample], next: null },
          },
        ],
      },
    },
    problems: ['query-malformed', 'certificate-unknown'],
  },
  {
    method: 'delete',
    path: '/v1/certificates',
    operationId: 'eraseDisclosures',
    tag: 'certificates',
    summary: 'Erase what you disclosed',
    description:
      'The key that it is encrypted with is destroyed, in all certificates of yours. The audit keeps its hashes, which nobody can check a guess against any more.',
    access: 'brc-103',
    answers: {
      200: {
        description: 'It is erased; `auditLeaf` is null where nothing was.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ erased: z.int().min(0), auditLeaf: z.int().min(0).nullable() }),
            example: { erased: 2, auditLeaf: 42 },
          },
        ],
      },
    },
    problems: [],
  },
];
