import { z } from 'zod';
import type { HeaderSource, HttpClient } from '#ports';
import { ChaintracksSource } from './chaintracks.source';

/** What this source is configured with. `url` is the part before `/v2`. */
export const chaintracksConfigSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/u }).transform((url) => url.replace(/\/+$/u, '')),
  apiKey: z.string().min(1).optional(),
});

export const createChaintracksSource = (
  http: HttpClient,
  config: z.input<typeof chaintracksConfigSchema>,
): HeaderSource => new ChaintracksSource(http, chaintracksConfigSchema.parse(config));
