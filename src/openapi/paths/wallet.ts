import { z } from 'zod';
import { limits } from '#atomic-core';
import type { Answer, Operation } from '../operation';
import { verificationProblems } from '../problems';
import { EXAMPLE_TXID, outpoint } from './schemas';

const json = 'application/json';
const octets = z.array(z.int().min(0).max(255));
const names = z.array(z.string()).max(limits.BASKET_TAGS_MAX).optional();
const flag = z.boolean().optional();
const basket = z.string().max(limits.BASKET_NAME_BYTES_MAX);

const internalizeArgs = z.object({
  tx: octets.describe('Atomic BEEF (BRC-95)'),
  outputs: z
    .array(
      z.object({
        outputIndex: z.int().min(0),
        protocol: z
          .enum(['wallet payment', 'basket insertion'])
          .describe('`wallet payment` is refused: there are no keys here'),
        insertionRemittance: z.object({ basket, customInstructions: z.string().optional(), tags: names }).optional(),
      }),
    )
    .min(1),
  description: z.string().describe('5 to 2,000 bytes; not kept'),
  labels: names,
  seekPermission: flag,
});
const listArgs = z.object({
  basket,
  tags: names,
  tagQueryMode: z.enum(['any', 'all']).optional(),
  include: z.enum(['locking scripts', 'entire transactions']).optional(),
  includeCustomInstructions: flag,
  includeTags: flag,
  includeLabels: flag,
  limit: z.int().min(1).max(10_000).optional().describe('10 unless said'),
  offset: z.int().optional().describe('Negative: newest first, -1 being the newest'),
  seekPermission: flag,
});
const listResult = z.object({
  totalOutputs: z.int().min(0),
  BEEF: octets.optional(),
  outputs: z.array(
    z.object({
      outpoint,
      satoshis: z.int().min(0),
      spendable: z.boolean(),
      lockingScript: z.string().optional(),
      customInstructions: z.string().optional(),
      tags: z.array(z.string()).optional(),
      labels: z.array(z.string()).optional(),
    }),
  ),
});
const walletError = z.object({
  isError: z.literal(true),
  name: z.literal('WERR_INVALID_PARAMETER'),
  code: z.literal(6),
  parameter: z.string(),
  message: z.string(),
  problem: z.looseObject({}).describe('The same as a problem document'),
});

const refused: Answer = {
  description: 'An argument is to blame: the error object of BRC-100.',
  contents: [
    {
      mediaType: json,
      schema: walletError,
      example: {
        isError: true,
        name: 'WERR_INVALID_PARAMETER',
        code: 6,
        parameter: 'tx',
        message: 'The bytes are not a BEEF. not an Atomic BEEF (BRC-95) (beef-malformed)',
        problem: { code: 'beef-malformed' },
      },
    },
  ],
};
const answered = (schema: z.ZodType, example: unknown): Operation['answers'] => ({
  200: { description: 'Done.', contents: [{ mediaType: json, schema, example }] },
  400: refused,
});

export const walletPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/wallet/internalizeAction',
    operationId: 'internalizeAction',
    tag: 'wallet (BRC-100)',
    summary: 'Look after outputs of a transaction',
    description: `The call of BRC-100, as \`HTTPWalletJSON\` of \`@bsv/sdk\` posts it to \`<gateway>/v1/wallet\`. The transaction is proven, its \`basket insertion\` outputs enter
the baskets of your organisation, and the network gets it if it is in no block. What is kept already stays as it is, what is new is added.`,
    access: 'brc-103',
    body: [
      {
        mediaType: json,
        schema: internalizeArgs,
        example: {
          tx: [1, 1, 1, 1],
          outputs: [{ outputIndex: 0, protocol: 'basket insertion', insertionRemittance: { basket: 'goods' } }],
          description: 'goods received',
        },
      },
    ],
    answers: answered(z.object({ accepted: z.literal(true) }), { accepted: true }),
    problems: [
      ...verificationProblems,
      'media-type-unsupported',
      'output-reserved',
      'outpoint-spent',
      'parent-retracted',
      'already-applied',
      'chain-unsettled',
      'verification-busy',
    ],
  },
  {
    method: 'post',
    path: '/v1/wallet/listOutputs',
    operationId: 'listOutputs',
    tag: 'wallet (BRC-100)',
    summary: 'Outputs of a basket',
    description:
      'The call of BRC-100. Fewer than `limit` are answered where their bytes are more than one answer holds; `totalOutputs` tells.',
    access: 'brc-103',
    body: [{ mediaType: json, schema: listArgs, example: { basket: 'goods', include: 'locking scripts' } }],
    answers: answered(listResult, {
      totalOutputs: 1,
      outputs: [{ outpoint: `${EXAMPLE_TXID}.0`, satoshis: 1, spendable: true, lockingScript: '76a914…88ac' }],
    }),
    problems: ['media-type-unsupported', 'chain-unsettled'],
  },
  {
    method: 'post',
    path: '/v1/wallet/relinquishOutput',
    operationId: 'relinquishOutputOfWallet',
    tag: 'wallet (BRC-100)',
    summary: 'Look after an output no longer',
    access: 'brc-103',
    body: [
      {
        mediaType: json,
        schema: z.object({ basket, output: outpoint }),
        example: { basket: 'goods', output: `${EXAMPLE_TXID}.0` },
      },
    ],
    answers: answered(z.object({ relinquished: z.literal(true) }), { relinquished: true }),
    problems: ['media-type-unsupported', 'output-reserved'],
  },
];
