import { z } from 'zod';
import type { HeaderSource, HttpClient } from '#ports';
import { WhatsOnChainSource } from './whatsonchain.source';

/** What this source is configured with. `url` includes the chain and network: `https://api.whatsonchain.com/v1/bsv/main`. */
export const whatsOnChainConfigSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/u }).transform((url) => url.replace(/\/+$/u, '')),
  apiKey: z.string().min(1).optional(),
});

export const createWhatsOnChainSource = (
  http: HttpClient,
  config: z.input<typeof whatsOnChainConfigSchema>,
): HeaderSource => new WhatsOnChainSource(http, whatsOnChainConfigSchema.parse(config));
