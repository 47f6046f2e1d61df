import { z } from 'zod';
import type { RelayKey } from '#ports';
import { unusable } from '../key-store-error';
import type { ReadSecret } from '../read-secret';
import { KEYS_MAX } from '../ring-octets';

/** For the role relay: no root key, only what follows from it. `secretFile` holds it where PORTCULLIS_KEY_STORE_SECRET does not. */
export const relayKeysSchema = z.strictObject({
  kind: z.literal('relay'),
  secretFile: z.string().trim().min(1).optional(),
});

const keysSchema = z
  .array(
    z.strictObject({
      identityKey: z.string().regex(/^0[23][0-9a-f]{64}$/u),
      callbackToken: z.string().regex(/^[0-9a-f]{64}$/u),
      webhookKey: z.string().regex(/^[0-9a-f]{64}$/u),
      fromMs: z.int().min(0),
      untilMs: z.int().min(0).optional(),
    }),
  )
  .min(1)
  .max(KEYS_MAX);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** As `portcullis keys relay` prints them. */
export const printRelayKeys = (keys: readonly RelayKey[]): string =>
  JSON.stringify(keys.map((key) => ({ ...key, webhookKey: Buffer.from(key.webhookKey).toString('hex') })));

export const loadRelayKeys = async (readSecret: ReadSecret): Promise<readonly RelayKey[]> => {
  const secret = await readSecret();
  const parsed = keysSchema.safeParse(parseJson(secret.toString('utf8')));
  secret.fill(0);
  if (!parsed.success) throw unusable('The secret of the key store is not what `portcullis keys relay` prints.');
  return parsed.data.map(({ webhookKey, untilMs, ...key }) => ({
    ...key,
    untilMs,
    webhookKey: Buffer.from(webhookKey, 'hex'),
  }));
};
