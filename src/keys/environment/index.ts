import { z } from 'zod';
import type { KeyStore, RootKey } from '#ports';
import { unusable } from '../key-store-error';
import { KEYS_MAX } from '../ring-octets';
import { readRootText } from '../root-text';

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const listSchema = z
  .array(z.strictObject({ key: z.string(), from: time.optional(), until: time.optional() }))
  .min(1)
  .max(KEYS_MAX);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** 64 hex digits, or in a rotation JSON: a list of `{key, from?, until?}`. Undefined for anything else, and never a reason: it would quote a secret. */
export const readKeySetting = (text: string): RootKey[] | undefined => {
  const single = readRootText(text);
  if (single !== undefined) return [{ root: single, fromMs: 0, untilMs: undefined }];
  const listed = listSchema.safeParse(parseJson(text));
  if (!listed.success) return undefined;
  const keys: RootKey[] = [];
  for (const { key, from = 0, until } of listed.data) {
    const root = readRootText(key);
    if (root === undefined) return undefined;
    keys.push({ root, fromMs: from, untilMs: until });
  }
  return keys;
};

/** Keys that whoever starts the process puts into its environment. */
export const createEnvironmentKeyStore = (setting: { reveal(): string }): KeyStore => ({
  name: 'environment',
  loadKeys: () => {
    const keys = readKeySetting(setting.reveal());
    return keys === undefined
      ? Promise.reject(unusable('PORTCULLIS_IDENTITY_KEY holds no private key.'))
      : Promise.resolve(keys);
  },
});
