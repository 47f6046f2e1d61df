import { isIdentityKey } from '#atomic-core';
import type { HttpClient, RevocationSource } from '#ports';
import { z } from 'zod';
import { CertifierRevocationSource } from './certifier.source';

/** What this source is configured with: the gateway of a certifier, and the identity key of the certifier. */
export const certifierRevocationConfigSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/u }).transform((url) => url.replace(/\/+$/u, '')),
  certifier: z.string().refine(isIdentityKey),
});

export const createCertifierRevocationSource = (
  http: HttpClient,
  config: z.input<typeof certifierRevocationConfigSchema>,
): RevocationSource => new CertifierRevocationSource(http, certifierRevocationConfigSchema.parse(config));
