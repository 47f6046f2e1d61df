import { z } from 'zod';
import type { HeaderSource, HttpClient } from '#ports';
import { BlockHeadersServiceSource } from './block-headers-service.source';

/** What this source is configured with. `url` is the part before `/api/v1`. */
export const blockHeadersServiceConfigSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/u }).transform((url) => url.replace(/\/+$/u, '')),
  apiKey: z.string().min(1).optional(),
});

export const createBlockHeadersServiceSource = (
  http: HttpClient,
  config: z.input<typeof blockHeadersServiceConfigSchema>,
): HeaderSource => new BlockHeadersServiceSource(http, blockHeadersServiceConfigSchema.parse(config));
