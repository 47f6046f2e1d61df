import { z } from 'zod';
import type { HttpClient, RevocationSource } from '#ports';
import { WhatsOnChainRevocationSource } from './whatsonchain.source';

/** What this source is configured with. `url` includes the chain and network: `https://api.whatsonchain.com/v1/bsv/main`. */
export const whatsOnChainRevocationConfigSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/u }).transform((url) => url.replace(/\/+$/u, '')),
  apiKey: z.string().min(1).optional(),
});

export const createWhatsOnChainRevocationSource = (
  http: HttpClient,
  config: z.input<typeof whatsOnChainRevocationConfigSchema>,
): RevocationSource => new WhatsOnChainRevocationSource(http, whatsOnChainRevocationConfigSchema.parse(config));
