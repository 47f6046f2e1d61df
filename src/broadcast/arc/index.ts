import { z } from 'zod';
import type { Broadcaster, HttpClient } from '#ports';
import { ArcBroadcaster } from './arc.broadcaster';

/** What this broadcaster is configured with. */
export const arcConfigSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/u }).transform((url) => url.replace(/\/+$/u, '')),
  apiKey: z.string().min(1).optional(),
  callback: z.strictObject({ url: z.url({ protocol: /^https?$/u }), token: z.string().min(16) }).optional(),
});

export const createArcBroadcaster = (http: HttpClient, config: z.input<typeof arcConfigSchema>): Broadcaster =>
  new ArcBroadcaster(http, arcConfigSchema.parse(config));
