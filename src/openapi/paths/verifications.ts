import { z } from 'zod';
import { rejections, type RejectionCode } from '#atomic-core';
import { verificationProblems } from '../problems';
import type { Operation } from '../operation';
import { EXAMPLE_TXID, txid } from './schemas';
import { admittance, basketMove, submissionBody } from './submissions';

const octets = 'application/octet-stream';
const json = 'application/json';
const count = z.int().min(0);

/** What a plan can be refused with; everything else that a verdict can say is about the transaction itself. */
const PLAN_CODES = [
  'policy-denied',
  'proposal-required',
  'topic-refused',
  'topic-failed',
  'basket-name-invalid',
  'basket-output-unknown',
  'basket-output-invalid',
  'tag-invalid',
  'outpoint-spent',
  'parent-retracted',
  'already-applied',
] as const satisfies readonly RejectionCode[];
const verdictCodes: readonly RejectionCode[] = [...verificationProblems, ...PLAN_CODES];

const refused = z
  .object({
    accepted: z.literal(false),
    stage: z
      .enum(['read', 'ancestry', 'roots', 'scripts', 'plan'])
      .describe('How far it came: bytes, rules without scripts, chain, scripts, state of this gateway'),
    code: z.enum(verdictCodes),
    sentence: z.string().describe('What the code says of every such refusal'),
    detail: z.string().describe('What exactly was refused. For people; may change'),
    rule: z.string().nullable().describe('The rule, as BRCs and the network name it'),
    txid: txid.nullable().describe('The transaction that breaks the rule; null where the bytes are no BEEF'),
    input: count.nullable().describe('Which of its inputs, where it is one'),
    depth: count.nullable().describe('Spends between the subject (0) and that transaction, by the shortest way'),
    subject: txid.nullable(),
    spentBy: txid.nullable().describe('Who holds the outpoint, where that is why'),
    next: z.enum(['retry-same', 'fix', 'stop']).describe('What a submission would be told to do'),
  })
  .describe('Would be refused');

const accepted = z
  .object({
    accepted: z.literal(true),
    txid,
    format: z.enum(['BEEF V1', 'BEEF V2', 'Atomic BEEF']),
    bytes: count,
    subject: z.object({
      version: count,
      lockTime: count,
      bytes: count,
      inputs: count,
      outputs: count,
      proven: z.boolean(),
    }),
    ancestors: z.object({ count, unproven: count, depth: count }),
    proofs: z.array(
      z.object({
        height: count,
        blockHash: z.string(),
        root: z.string(),
        verdict: z.literal('OK'),
        txids: z.array(txid).describe('What it proves'),
      }),
    ),
    scripts: z
      .array(z.object({ txid, depth: count, remembered: count, fastPath: count, interpreter: count }))
      .describe('One row for each unproven transaction: how many of its inputs were judged by what'),
    plan: z
      .object({
        topics: z.array(z.string()),
        admittance: z.record(z.string(), admittance),
        baskets: z.object({ added: z.array(basketMove), removed: z.array(basketMove) }),
        displaces: z
          .array(txid)
          .describe('Unproven transactions that would be retracted: this proven one spends what they spend'),
      })
      .nullable()
      .describe('What a submission to the named topics would change now; null where none is named'),
  })
  .describe('Would be accepted');

const refusedExample = {
  accepted: false,
  stage: 'scripts',
  code: 'transaction-script-failed',
  sentence: rejections['transaction-script-failed'].sentence,
  detail: `input 1 of ${EXAMPLE_TXID}`,
  rule: 'consensus: unlocking and locking script together leave true',
  txid: EXAMPLE_TXID,
  input: 1,
  depth: 3,
  subject: '5f'.repeat(32),
  spentBy: null,
  next: 'stop',
};

export const verificationsPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/verifications',
    operationId: 'explain',
    tag: 'verifications',
    summary: 'Ask what would be accepted, and why not, without changing anything',
    description: `The body of a submission, its topics optional: without them the transaction alone is judged, with them also what a submission would change
now. The answer is an advice, not a promise: the chain, the ledger and the topics go on, and only a submission decides. Nothing is stored and nothing is
broadcast; a price of this route itself is taken as on any other. What cannot be judged now is a 503, never a refusal.`,
    access: 'brc-103',
    people: true,
    parameters: [{ name: 'x-topics', in: 'header', description: 'JSON array of topic names', schema: z.string() }],
    body: [
      { mediaType: octets },
      { mediaType: json, schema: submissionBody, example: { beef: 'AQEBAf…', topics: ['tm_documents'] } },
    ],
    answers: {
      200: {
        description: 'The verdict.',
        contents: [{ mediaType: json, schema: z.union([accepted, refused]), example: refusedExample }],
      },
    },
    problems: [
      'media-type-unsupported',
      'topics-malformed',
      'mode-unknown',
      'topic-unknown',
      'chain-unsettled',
      'verification-busy',
    ],
  },
];
