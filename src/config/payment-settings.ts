import { isLookupName, isTopicName } from '#atomic-core';
import { z } from 'zod';
import { described, structured, text } from './fields';
import { Secret } from './secret';

const hostedName = z
  .string()
  .refine((name) => isTopicName(name) || isLookupName(name), 'must be a `tm_` or `ls_` name (BRC-87)');

/** How a payment may come beside the header of BRC-105, which every caller with a session has. */
export const paymentSettings = {
  paymentDialects: described(
    structured(z.array(z.enum(['brc-118', 'brc-121', 'x402'])).max(3)).default(['brc-118', 'brc-121', 'x402']),
    'JSON: list of the ways to pay beside BRC-105: `brc-118` (in the body), and without a session `brc-121` and `x402`',
  ),
  overlayPaid: described(
    structured(z.array(z.union([z.literal('*'), hostedName])).max(256)).default([]),
    'JSON: list of `tm_` and `ls_` names, or `*`, that the overlay routes sell to anyone, without a session, for the price of the route',
  ),
  facilitatorToken: described(
    text()
      .min(16)
      .transform((value) => new Secret(value))
      .optional(),
    "Bearer token of the operator's own servers that verify and settle x402 payments at `/x402`",
    'nobody may',
  ),
} as const;
