import { z } from 'zod';
import type { Operation } from '../operation';

const json = 'application/json';
const question = z.strictObject({ service: z.string().regex(/^ls_[a-z_]+$/u), query: z.unknown() });
const octet = z.int().min(0).max(255);
export const lookupAnswer = z.union([
  z.object({
    type: z.literal('output-list'),
    outputs: z.array(
      z.looseObject({
        beef: z.array(octet).describe('Atomic BEEF'),
        outputIndex: z.int().min(0),
        context: z.array(octet).optional().describe('What the service adds of its own'),
      }),
    ),
    truncated: z
      .literal(true)
      .optional()
      .describe('Outputs were left out: by the limits of one answer, or because an ancestor waits for its proof'),
  }),
  z.object({ type: z.literal('freeform'), result: z.unknown() }),
]);
export const lookupPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/lookup',
    operationId: 'lookUp',
    tag: 'lookup',
    summary: 'Ask a lookup service (BRC-24)',
    access: 'brc-103',
    people: true,
    body: [{ mediaType: json, schema: question, example: { service: 'ls_documents', query: { documentId: 'INV-7' } } }],
    answers: {
      200: {
        description: 'The outputs that answer, each with its BEEF.',
        contents: [{ mediaType: json, schema: lookupAnswer, example: { type: 'output-list', outputs: [] } }],
      },
    },
    problems: ['media-type-unsupported', 'lookup-unknown', 'query-malformed', 'lookup-failed', 'chain-unsettled'],
  },
];
