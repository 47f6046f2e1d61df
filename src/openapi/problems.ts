import { z } from 'zod';
import { type RejectionCode, rejections } from '#atomic-core';
import type { Operation } from './operation';

const codes = Object.keys(rejections) as [RejectionCode, ...RejectionCode[]];

export const problemSchema = z
  .object({
    type: z.string().describe('URI reference of the description of this problem'),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.enum(codes).describe('One of a closed table; decide by this'),
    detail: z.string().describe('What exactly was refused. For people; may change'),
    requestId: z.string().describe('Quote this to the operator'),
    next: z
      .enum(['retry-same', 'pay', 'fix', 'stop'])
      .describe('Send the same bytes again, pay, change the request, or give up'),
    retryAfterSeconds: z
      .int()
      .min(1)
      .optional()
      .describe('As Retry-After, which BRC-104 does not sign; with every 429 and 503'),
    at: z
      .object({
        txid: z.string().optional().describe('The transaction that breaks the rule'),
        input: z.int().min(0).optional().describe('Which of its inputs'),
        topic: z.string().optional().describe('The topic that refuses'),
      })
      .optional()
      .describe('Where in the submitted BEEF, or which topic, when the refusal concerns one'),
  })
  .meta({ description: 'RFC 9457' });

/** How `overlay-express` words a refusal; what a problem says beside is added to it. */
export const overlayRefusalSchema = z
  .object({ status: z.literal('error'), message: problemSchema.shape.detail })
  .extend(problemSchema.pick({ code: true, requestId: true, next: true, retryAfterSeconds: true, at: true }).shape);

const EVERYWHERE: readonly RejectionCode[] = [
  'request-malformed',
  'header-duplicated',
  'headers-too-large',
  'content-encoding-refused',
  'request-timeout',
  'rate-limited',
  'shutting-down',
  'internal-fault',
];
const WITH_BODY: readonly RejectionCode[] = ['body-too-large'];
const WITH_IDENTITY: readonly RejectionCode[] = [
  'auth-required',
  'auth-malformed',
  'auth-version-unsupported',
  'auth-session-unknown',
  'auth-identity-mismatch',
  'auth-signature-invalid',
  'auth-replayed',
  'identity-key-required',
  'person-session-ended',
  'person-origin-foreign',
  'policy-denied',
  'revocation-unknown',
  'database-unavailable',
];
/** Any authenticated route may be given a price. */
const WITH_PRICE: readonly RejectionCode[] = [
  'payment-required',
  'payment-malformed',
  'payment-quote-unknown',
  'payment-quote-expired',
  'payment-underpaid',
  'payment-wrong-key',
  'payment-unproven',
  'payment-already-spent',
  'payment-dialect-refused',
  'payment-unknown',
  'payment-exposed',
  'payment-credited',
  'payment-debt-open',
  'account-exhausted',
];

export function listProblems(operation: Operation): RejectionCode[] {
  const authenticated = operation.access === 'brc-103' || operation.access === 'overlay';
  const all = [
    ...EVERYWHERE,
    ...(operation.body === undefined ? [] : WITH_BODY),
    ...(authenticated ? [...WITH_IDENTITY, ...WITH_PRICE] : []),
    // Of what strangers may pay for, in a dialect that takes the price exactly.
    ...(operation.access === 'overlay' ? ['payment-inexact' as const] : []),
    ...operation.problems,
  ];
  return codes.filter((code) => all.includes(code));
}

/** What checking a BEEF can find; a payment is checked the same way but answers `payment-unproven`. */
export const verificationProblems: readonly RejectionCode[] = codes.filter(
  (code) => /^(?:beef|bump|transaction|coinbase)-/u.test(code) || code === 'proof-root-invalid',
);
