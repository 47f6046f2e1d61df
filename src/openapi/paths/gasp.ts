import { z } from 'zod';
import type { Operation } from '../operation';
import { txid } from './schemas';

const json = 'application/json';
const id = 'aa'.repeat(32);
const outputIndex = z.int().min(0).max(0xffff_ffff);
const listQuestion = z.object({
  version: z.literal(1),
  since: z.int().min(0).describe('Score of the last output that is known; 0 from the first'),
  limit: z.int().min(1).optional(),
});
const listing = z.object({
  UTXOList: z.array(z.object({ txid, outputIndex, score: z.int().min(1).describe('Rises in the order of COMMITs') })),
  since: z.int().min(0),
});
const nodeQuestion = z.object({
  graphID: z.string().describe('`<txid>.<vout>` of the listed output'),
  txid,
  outputIndex,
  metadata: z.boolean().optional(),
});
const node = z.object({
  graphID: z.string(),
  rawTx: z.string().describe('Hex'),
  outputIndex,
  proof: z.string().optional().describe('BUMP (BRC-74) in hex'),
});

export const gaspPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/requestSyncResponse',
    operationId: 'listTopicForPeer',
    tag: 'overlay',
    summary: 'Unspent outputs of a topic, for another host (GASP)',
    description: 'Refusals have the shape of `overlay-express`.',
    access: 'open',
    parameters: [
      { name: 'x-bsv-topic', in: 'header', description: 'The topic', schema: z.string().max(50), required: true },
    ],
    body: [{ mediaType: json, schema: listQuestion, example: { version: 1, since: 0, limit: 1_000 } }],
    answers: {
      200: {
        description: 'In the order of their scores. A page that is not empty is not the last.',
        contents: [{ mediaType: json, schema: listing, example: { UTXOList: [], since: 0 } }],
      },
    },
    problems: ['topics-malformed', 'topic-unknown', 'media-type-unsupported', 'request-malformed', 'auth-required'],
  },
  {
    method: 'post',
    path: '/requestForeignGASPNode',
    operationId: 'findNodeForPeer',
    tag: 'overlay',
    summary: 'One transaction of the history of such an output (GASP)',
    description: 'Only what the output descends from. Refusals have the shape of `overlay-express`.',
    access: 'open',
    body: [
      {
        mediaType: json,
        schema: nodeQuestion,
        example: { graphID: `${id}.0`, txid: id, outputIndex: 0, metadata: false },
      },
    ],
    answers: {
      200: {
        description: 'The transaction, with its proof where it is in a block.',
        contents: [{ mediaType: json, schema: node, example: { graphID: `${id}.0`, rawTx: '0100', outputIndex: 0 } }],
      },
    },
    problems: ['media-type-unsupported', 'request-malformed', 'output-unknown', 'auth-required'],
  },
];
