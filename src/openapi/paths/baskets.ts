import { z } from 'zod';
import { limits } from '#atomic-core';
import type { Operation, Parameter } from '../operation';
import { EXAMPLE_TXID, outpoint } from './schemas';

const json = 'application/json';
const count = z.int().min(0);

export const basketOutput = z.object({
  outpoint,
  satoshis: count,
  spendable: z.boolean().describe('False while it is reserved'),
  quantity: z.int().min(1).describe('Units of the product that it stands for'),
  lockingScript: z.string().optional().describe('Hex'),
  customInstructions: z.string().optional(),
  tags: z.array(z.string()).optional(),
  labels: z.array(z.string()).optional().describe('Of your own submission of its transaction'),
  reservedUntil: z.iso.datetime().optional(),
});
export const basketOutputExample = {
  outpoint: `${EXAMPLE_TXID}.0`,
  satoshis: 1,
  spendable: true,
  quantity: 1,
  lockingScript: '76a914…88ac',
};

const basketPage = z.object({
  basket: z.string(),
  total: count.describe('Outputs that the question finds in all'),
  outputs: z.array(basketOutput),
  next: outpoint.nullable().describe('Give it as `after` for the next page; null on the last, and newest first'),
  beef: z.base64().optional().describe('One BEEF V2 of all transactions of the page, where they were asked for'),
});
const basketList = z.object({
  baskets: z.array(
    z.object({
      basket: z.string(),
      outputs: count,
      satoshis: count,
      quantity: count,
      reserved: count.describe('Of the quantity, what reservations hold'),
    }),
  ),
});

export const basketName: Parameter = {
  name: 'basket',
  in: 'path',
  description: 'Name of the basket (BRC-46)',
  schema: z.string().max(limits.BASKET_NAME_BYTES_MAX),
};
const flag = z.enum(['true', 'false']);
const ask = (name: string, description: string, schema: z.ZodType): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});

export const basketsPaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/baskets',
    operationId: 'listBaskets',
    tag: 'baskets',
    summary: 'The baskets of your organisation that hold something, with their counts',
    access: 'brc-103',
    people: true,
    answers: {
      200: {
        description: 'The baskets, by name.',
        contents: [
          {
            mediaType: json,
            schema: basketList,
            example: { baskets: [{ basket: 'documents', outputs: 3, satoshis: 3, quantity: 3, reserved: 1 }] },
          },
        ],
      },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/v1/baskets/{basket}/outputs',
    operationId: 'listBasket',
    tag: 'baskets',
    summary: 'Unspent outputs in a basket of your organisation (BRC-46)',
    description: `Oldest first, unless \`offset\` is negative. A page ends early where the bytes of its scripts or transactions are more than one answer holds; \`next\`
goes on. What is asked of an output is as in \`listOutputs\` of BRC-100.`,
    access: 'brc-103',
    people: true,
    parameters: [
      basketName,
      ask('tags', 'Tags, with commas between them', z.string()),
      ask('tagQueryMode', '`any` of the tags unless said', z.enum(['any', 'all'])),
      ask(
        'include',
        'Locking scripts are always there; `entire transactions` adds `beef`',
        z.enum(['locking scripts', 'entire transactions']),
      ),
      ask('includeCustomInstructions', '`false` unless said', flag),
      ask('includeTags', '`false` unless said', flag),
      ask('includeLabels', '`false` unless said', flag),
      ask('limit', 'Outputs of this page', z.int().min(1).max(limits.BASKET_OUTPUTS_MAX)),
      ask('offset', 'Outputs to pass over; negative: newest first, -1 being the newest. Not with `after`', z.int()),
      ask('after', '`next` of the page before', outpoint),
    ],
    answers: {
      200: {
        description: 'The outputs.',
        contents: [
          {
            mediaType: json,
            schema: basketPage,
            example: { basket: 'documents', total: 1, outputs: [basketOutputExample], next: null },
          },
        ],
      },
    },
    problems: ['basket-name-invalid', 'tag-invalid', 'query-malformed', 'chain-unsettled'],
  },
  {
    method: 'delete',
    path: '/v1/baskets/{basket}/outputs/{outpoint}',
    operationId: 'relinquishOutput',
    tag: 'baskets',
    summary: 'Look after an output no longer',
    description: 'It leaves the basket and nothing is spent. A submission or `internalizeAction` may bring it back.',
    access: 'brc-103',
    parameters: [basketName, { name: 'outpoint', in: 'path', description: 'The output', schema: outpoint }],
    answers: {
      200: {
        description: 'It is relinquished.',
        contents: [
          { mediaType: json, schema: z.object({ relinquished: z.literal(true) }), example: { relinquished: true } },
        ],
      },
    },
    problems: ['basket-name-invalid', 'query-malformed', 'basket-output-absent', 'output-reserved'],
  },
];
