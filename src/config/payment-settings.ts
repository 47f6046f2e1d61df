import { isLookupName, isTopicName } from '#atomic-core';
import { z } from 'zod';
import { ConfigError } from './config-error';
import { described, structured, text } from './fields';
import type { Price, Settings } from './schema';
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

const costs = (prices: readonly Price[], paths: readonly string[]): boolean =>
  prices.some(({ method, path, satoshis }) => method === 'POST' && paths.includes(path) && satoshis > 0);

/** What is to be sold and has no price would be given to anyone for nothing; without a way to pay nobody could have it. */
export function refuseUnsold({ overlayPaid, paymentDialects }: Settings, prices: readonly Price[]): void {
  if (overlayPaid.length === 0) return;
  if (!paymentDialects.some((dialect) => dialect !== 'brc-118'))
    throw new ConfigError('PORTCULLIS_OVERLAY_PAID needs brc-121 or x402 in PORTCULLIS_PAYMENT_DIALECTS.');
  const sells = (prefix: string): boolean => overlayPaid.some((name) => name === '*' || name.startsWith(prefix));
  if (sells('tm_') && !costs(prices, ['/submit', '/v1/submissions']))
    throw new ConfigError('PORTCULLIS_OVERLAY_PAID names topics, and POST /submit has no price.');
  if (sells('ls_') && !costs(prices, ['/lookup', '/v1/lookup']))
    throw new ConfigError('PORTCULLIS_OVERLAY_PAID names lookup services, and POST /lookup has no price.');
}
