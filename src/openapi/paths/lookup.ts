import { z } from 'zod';
import type { Operation } from '../operation';

const json = 'application/json';
const question = z.strictObject({ service: z.string().regex(/^ls_[a-z_]+$/u), query: z.unknown() });
const octet = z.int().min(0).max(255);
const outputList = z.object({
  type: z.literal('output-list'),
  outputs: z.array(z.looseObject({ beef: z.array(octet), outputIndex: z.int().min(0) })),
});
const outpoint = z
  .string()
  .regex(/^[0-9a-f]{64}\.\d+$/u)
  .describe('`<txid>.<vout>`');
const basketPage = z.object({
  basket: z.string(),
  outputs: z.array(z.object({ outpoint, satoshis: z.int().min(0), lockingScript: z.string().describe('Hex') })),
  next: outpoint.nullable().describe('Give it as `after` for the next page; null on the last'),
});

export const lookupPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/lookup',
    operationId: 'lookUp',
    tag: 'lookup',
    summary: 'Ask a lookup service (BRC-24)',
    access: 'brc-103',
    body: [{ mediaType: json, schema: question, example: { service: 'ls_documents', query: { documentId: 'INV-7' } } }],
    answers: {
      200: {
        description: 'The outputs that are unspent now, each with its BEEF.',
        contents: [{ mediaType: json, schema: outputList, example: { type: 'output-list', outputs: [] } }],
      },
    },
    problems: ['media-type-unsupported', 'lookup-unknown', 'query-malformed'],
  },
  {
    method: 'get',
    path: '/v1/baskets/{basket}/outputs',
    operationId: 'listBasket',
    tag: 'lookup',
    summary: 'Unspent outputs in a basket of your organisation (BRC-46)',
    access: 'brc-103',
    parameters: [
      { name: 'basket', in: 'path', description: 'Name of the basket', schema: z.string().max(300) },
      { name: 'after', in: 'query', description: '`next` of the page before', schema: outpoint },
    ],
    answers: {
      200: {
        description: 'The outputs.',
        contents: [{ mediaType: json, schema: basketPage, example: { basket: 'documents', outputs: [], next: null } }],
      },
    },
    problems: ['basket-name-invalid', 'query-malformed'],
  },
];
