import { z } from 'zod';
import { limits, submissionModes } from '#atomic-core';
import { verificationProblems } from '../problems';
import type { Operation } from '../operation';
import { EXAMPLE_TXID, settlement, submissionIdOrTxid, txid } from './schemas';

const EXAMPLE_ID = '6f2c1c6e-6a0b-4a5e-9d7b-3f6f0f5d2a11';
const vout = z.int().min(0);

const basketPlacement = z.strictObject({
  basket: z.string().max(300),
  tags: z.array(z.string().max(300)).max(limits.BASKET_TAGS_MAX).optional(),
  customInstructions: z.string().optional().describe(`At most ${limits.CUSTOM_INSTRUCTIONS_BYTES_MAX} bytes`),
  quantity: z
    .int()
    .min(1)
    .max(limits.BASKET_QUANTITY_MAX)
    .optional()
    .describe('Units of the product that the output stands for; 1 unless said'),
});

export const submissionBody = z.strictObject({
  beef: z.string().describe('BEEF V1, V2 or Atomic, in base64 or hex'),
  topics: z
    .array(z.string().regex(/^tm_[a-z_]+$/u))
    .optional()
    .describe('Here or in `x-topics`, not in both; may be left out where a `reservation` is named'),
  baskets: z
    .record(z.string().regex(/^\d+$/u), z.union([z.string(), basketPlacement]))
    .optional()
    .describe('Output index → basket of your organisation, by its name alone or with what the output is kept with'),
  labels: z.array(z.string().max(300)).max(limits.BASKET_TAGS_MAX).optional().describe('Of the transaction (BRC-100)'),
  mode: z
    .enum(submissionModes)
    .optional()
    .describe('`current-tx` unless said; a historical transaction is proven like any other and not broadcast'),
  offChainValues: z.base64().optional().describe('For the topics and their lookup services; not on the chain'),
  reservation: z
    .uuid()
    .optional()
    .describe('A reservation of your organisation that this transaction consumes; then topics are optional'),
});

export const admittance = z
  .looseObject({ outputsToAdmit: z.array(vout), coinsToRetain: z.array(vout), coinsRemoved: z.array(vout).optional() })
  .describe('STEAK (BRC-22) of one topic');
export const basketMove = z.object({ basket: z.string(), outpoint: z.string() });
const payment = z
  .looseObject({ satoshis: z.int().min(0), outpoint: z.string() })
  .nullable()
  .describe('What was taken; null when it was free, or drawn from the account');
const draw = z
  .object({ satoshis: z.int().min(0), plan: z.string() })
  .describe('What was drawn from the account in place of a payment; absent when nothing was');

export const receipt = z.object({
  id: z.uuid(),
  txid,
  settlement,
  admittance: z.record(z.string(), admittance),
  baskets: z
    .object({ added: z.array(basketMove), removed: z.array(basketMove) })
    .describe('Outputs that entered and left baskets'),
  payment,
  draw: draw.optional(),
  auditLeaf: z.int().min(0).describe('Index of the leaf in the audit log'),
  links: z.object({ self: z.string(), beef: z.string() }),
});
const step = z.object({ settlement, at: z.iso.datetime(), detail: z.unknown() });
const submission = receipt.extend({
  topics: z.array(z.string()),
  proof: z.looseObject({}).nullable().describe('Where the transaction is in the chain; null until it is mined'),
  history: z.array(step).describe('How the settlement moved, oldest first'),
});

const links = { self: `/v1/submissions/${EXAMPLE_ID}`, beef: `/v1/submissions/${EXAMPLE_ID}/beef` };
export const receiptExample = {
  id: EXAMPLE_ID,
  txid: EXAMPLE_TXID,
  settlement: 'applied',
  admittance: { tm_documents: { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [] } },
  baskets: { added: [{ basket: 'documents', outpoint: `${EXAMPLE_TXID}.0` }], removed: [] },
  payment: { satoshis: 200, outpoint: `${EXAMPLE_TXID}.1` },
  auditLeaf: 41,
  links,
};
const submissionExample = {
  ...receiptExample,
  topics: ['tm_documents'],
  proof: null,
  history: [{ settlement: 'applied', at: '2026-11-21T09:00:00.000Z', detail: {} }],
};

const octets = 'application/octet-stream';
const json = 'application/json';

export const submissionsPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/submissions',
    operationId: 'submit',
    tag: 'submissions',
    summary: 'Submit a transaction to topics',
    description: `Verified, applied and paid for in one COMMIT, or refused without a trace. The same request again gets the same receipt and is not
charged again. \`AuthFetch\` passes only \`x-bsv-\` headers of your own: send \`x-bsv-idempotency-key\`, \`x-bsv-topics\` and \`x-bsv-prefer\` with it.`,
    access: 'brc-103',
    parameters: [
      { name: 'x-topics', in: 'header', description: 'JSON array of topic names', schema: z.string() },
      { name: 'idempotency-key', in: 'header', description: 'Your own name for this request', schema: z.string() },
      {
        name: 'prefer',
        in: 'header',
        description: '`wait=N`: wait up to N seconds for the broadcast',
        schema: z.string(),
      },
    ],
    body: [
      { mediaType: octets },
      { mediaType: json, schema: submissionBody, example: { beef: 'AQEBAf…', topics: ['tm_documents'] } },
    ],
    answers: {
      201: {
        description: 'Applied: the receipt.',
        contents: [{ mediaType: json, schema: receipt, example: receiptExample }],
        headers: {
          location: 'Where the submission is found',
          'x-bsv-payment-satoshis-paid': 'What was paid for it',
          'preference-applied': 'The wait that was granted',
        },
      },
    },
    problems: [
      ...verificationProblems,
      'media-type-unsupported',
      'topics-malformed',
      'mode-unknown',
      'topic-unknown',
      'topic-refused',
      'proposal-required',
      'topic-failed',
      'topic-unavailable',
      'basket-name-invalid',
      'basket-output-unknown',
      'basket-output-invalid',
      'tag-invalid',
      'output-reserved',
      'reservation-unknown',
      'reservation-ended',
      'reservation-unused',
      'outpoint-spent',
      'parent-retracted',
      'coins-changed',
      'already-applied',
      'idempotency-key-malformed',
      'idempotency-conflict',
      'chain-unsettled',
      'verification-busy',
    ],
  },
  {
    method: 'get',
    path: '/v1/submissions/{idOrTxid}',
    operationId: 'findSubmission',
    tag: 'submissions',
    summary: 'A submission of your organisation, as it stands now',
    access: 'brc-103',
    people: true,
    parameters: [submissionIdOrTxid],
    answers: {
      200: {
        description: 'The receipt with the current settlement and its history.',
        contents: [{ mediaType: json, schema: submission, example: submissionExample }],
      },
    },
    problems: ['submission-unknown'],
  },
  {
    method: 'get',
    path: '/v1/submissions/{idOrTxid}/beef',
    operationId: 'fetchBeef',
    tag: 'submissions',
    summary: 'The transaction as Atomic BEEF (BRC-95), with its proof once it is mined',
    access: 'brc-103',
    people: true,
    parameters: [submissionIdOrTxid],
    answers: { 200: { description: 'Atomic BEEF.', contents: [{ mediaType: octets }] } },
    problems: ['submission-unknown', 'chain-unsettled'],
  },
];
