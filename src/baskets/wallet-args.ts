import { limits } from '#atomic-core';
import { z } from 'zod';
import { include, tagQueryMode } from './read-listing';

/** BRC-100 asks for as many as this of one `listOutputs`. */
const LIST_LIMIT_MAX = 10_000;
const OFFSET_MAX = 1_000_000_000;
const DESCRIPTION_BYTES_MIN = 5;
/** BRC-100 says 50; the SDK lets 2,000 through. */
const DESCRIPTION_BYTES_MAX = 2_000;

const isDescription = (text: string): boolean => {
  const bytes = Buffer.byteLength(text);
  return bytes >= DESCRIPTION_BYTES_MIN && bytes <= DESCRIPTION_BYTES_MAX;
};

const names = z.array(z.string()).max(limits.BASKET_TAGS_MAX).optional();
const flag = z.boolean().optional();

const internalizedOutput = z.object({
  outputIndex: z.int().min(0).max(0xffff_ffff),
  protocol: z.enum(['wallet payment', 'basket insertion']),
  paymentRemittance: z.unknown().optional(),
  insertionRemittance: z
    .object({ basket: z.string(), customInstructions: z.string().optional(), tags: names })
    .optional(),
});

/** Without `tx`, which is read as octets. */
export const internalizeArgs = z.object({
  outputs: z.array(internalizedOutput).min(1).max(limits.TRANSACTION_OUTPUTS_MAX),
  description: z.string().refine(isDescription),
  labels: names,
  seekPermission: flag,
});

export const listOutputsArgs = z.object({
  basket: z.string(),
  tags: names,
  tagQueryMode: tagQueryMode.optional(),
  include: include.optional(),
  includeCustomInstructions: flag,
  includeTags: flag,
  includeLabels: flag,
  limit: z.int().min(1).max(LIST_LIMIT_MAX).optional(),
  offset: z.int().min(-OFFSET_MAX).max(OFFSET_MAX).optional(),
  seekPermission: flag,
});

export const relinquishArgs = z.object({ basket: z.string(), output: z.string() });

export type InternalizeArgs = z.output<typeof internalizeArgs>;
export type ListOutputsArgs = z.output<typeof listOutputsArgs>;
export type RelinquishArgs = z.output<typeof relinquishArgs>;
