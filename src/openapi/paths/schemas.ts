import { z } from 'zod';
import { settlements } from '#atomic-core';

export const txid = z
  .string()
  .regex(/^[0-9a-f]{64}$/u)
  .describe('Transaction id, as explorers show it');
export const publicKey = z
  .string()
  .regex(/^0[23][0-9a-f]{64}$/u)
  .describe('Compressed public key');
export const settlement = z.enum(settlements).describe('Where the transaction stands with the network');

export const outpoint = z
  .string()
  .regex(/^[0-9a-f]{64}\.\d+$/u)
  .describe('`<txid>.<vout>`');

export const EXAMPLE_TXID = 'b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082';
export const EXAMPLE_KEY = '02a1633cafcc01ebfb6d78e39f687a1f0995c62fc95f51ead10a02ee0be551b5dc';

export const submissionIdOrTxid = {
  name: 'idOrTxid',
  in: 'path',
  description: 'Id of the receipt, or the transaction id',
  schema: z.string(),
} as const;
