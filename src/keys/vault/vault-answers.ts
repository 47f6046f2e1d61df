import { z } from 'zod';
import type { RootKey } from '#ports';
import { KEYS_MAX } from '../ring-octets';
import { readRootText } from '../root-text';

const time = z.iso.datetime({ offset: true });

const keySchema = z.strictObject({
  key: z.string().regex(/^[0-9a-fA-F]{64}$/u),
  from: time,
  until: time.optional(),
});

/** `GET /v1/{mount}/data/{path}` of KV version 2. Version 1 answers without `metadata`. */
export const secretAnswer = z.object({
  data: z.object({
    data: z.object({ keys: z.array(keySchema).min(1).max(KEYS_MAX) }),
    metadata: z.object({ version: z.int().min(1), destroyed: z.literal(false), deletion_time: z.literal('') }),
  }),
});

/** What is answered with 404 about a version that was deleted: the path is not free. */
export const deletedAnswer = z.object({ data: z.object({ metadata: z.object({ version: z.int().min(1) }) }) });

export const writtenAnswer = z.object({ data: z.object({ version: z.int().min(1) }) });

/** `POST /v1/auth/{mount}/login`. */
export const loginAnswer = z.object({ auth: z.object({ client_token: z.string().min(1).max(8_192) }) });

type StoredKey = z.output<typeof keySchema>;

/** Undefined where one of them is no private key. */
export const readStoredKeys = (stored: readonly StoredKey[]): RootKey[] | undefined => {
  const keys: RootKey[] = [];
  for (const { key, from, until } of stored) {
    const root = readRootText(key);
    if (root === undefined) return undefined;
    keys.push({ root, fromMs: Date.parse(from), untilMs: until === undefined ? undefined : Date.parse(until) });
  }
  return keys;
};

export const writeStoredKeys = (keys: readonly RootKey[]): StoredKey[] =>
  keys.map(({ root, fromMs, untilMs }) => ({
    key: Buffer.from(root).toString('hex'),
    from: new Date(fromMs).toISOString(),
    ...(untilMs !== undefined && { until: new Date(untilMs).toISOString() }),
  }));
