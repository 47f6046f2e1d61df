import { z } from 'zod';
import type { HttpClient, RevocationSource, SpendProofSource } from '#ports';
import { WhatsOnChainProofSource } from './whatsonchain-proof.source';
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

export const createWhatsOnChainProofSource = (
  http: HttpClient,
  config: z.input<typeof whatsOnChainRevocationConfigSchema>,
): SpendProofSource => new WhatsOnChainProofSource(http, whatsOnChainRevocationConfigSchema.parse(config));
