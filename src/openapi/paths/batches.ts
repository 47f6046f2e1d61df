import { z } from 'zod';
import { limits, rejections } from '#atomic-core';
import type { Operation } from '../operation';
import { problemSchema } from '../problems';
import { receipt, receiptExample, submissionBody } from './submissions';

const index = z.int().min(0).describe('Place of the item among the lines of the request');
const count = z.int().min(0);

const item = submissionBody
  .extend({ idempotencyKey: z.string().optional().describe('Your own name for this submission') })
  .describe('One line');
const answer = z.object({
  items: z.array(
    z.union([
      z.object({ index, status: z.literal(201), receipt }),
      z.object({ index, status: z.int().min(400).max(599), problem: problemSchema }),
    ]),
  ),
  applied: count.describe('Items that were applied now'),
  replayed: count.describe('Items that had been applied before, answered with their first receipt'),
  refused: count,
});

const refusal = rejections['outpoint-spent'];
const example = {
  items: [
    { index: 0, status: 201, receipt: { ...receiptExample, payment: null } },
    {
      index: 1,
      status: refusal.status,
      problem: {
        type: '/docs#outpoint-spent',
        title: refusal.sentence,
        status: refusal.status,
        code: 'outpoint-spent',
        detail: refusal.sentence,
        requestId: '0f8fad5b-d9cb-469f-a165-70867728950e',
        next: refusal.next,
      },
    },
  ],
  applied: 1,
  replayed: 0,
  refused: 1,
};

export const batchesPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/submissions/batch',
    operationId: 'submitBatch',
    tag: 'submissions',
    summary: 'Submit many transactions to topics',
    description: `At most ${limits.BATCH_SUBMISSIONS_MAX} lines, each the JSON body of \`submit\` with its \`idempotencyKey\` inside. Every item is applied or refused by
itself and answered as \`submit\` would answer it; an item is applied after those of the batch whose outputs it spends, wherever they stand. The same item again, in a
batch or singly, gets the same receipt. The price of this route is asked for each line and taken once for the batch, before it is served: the same batch again is free. Where
an item's problem says \`retry-same\`, send the whole batch again. \`Prefer: wait\` is not offered here.`,
    access: 'brc-103',
    body: [{ mediaType: 'application/x-ndjson', schema: item, example: { beef: 'AQEBAf…', topics: ['tm_documents'] } }],
    answers: {
      200: {
        description: 'The verdict of every item, in the order of the request.',
        contents: [{ mediaType: 'application/json', schema: answer, example }],
        headers: { 'x-bsv-payment-satoshis-paid': 'What was paid for the batch' },
      },
    },
    problems: ['media-type-unsupported', 'bulk-busy', 'chain-unsettled', 'verification-busy'],
  },
];
