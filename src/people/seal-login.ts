import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** From the click to the way back: somebody types a password and looks for a second factor in it. */
export const LOGIN_TTL_MS = 600_000;

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Base64url. A path to return to is the longest part of it. */
const SEALED_CHARS_MAX = 3_500;

const pendingLogin = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  endsAtMs: z.number(),
});

/** What has to be remembered between the two halves of a login. */
export type PendingLogin = z.output<typeof pendingLogin>;

/**
 * The browser that begins a login keeps its state, sealed: a million logins that nobody finishes leave nothing here, any replica finishes one that another
 * began, and nobody can be made to finish one that was begun in another browser.
 */
export const sealLogin = (keys: readonly Buffer[], login: PendingLogin): string => {
  const [key] = keys;
  if (key === undefined) throw new Error('No key of the gateway is in force.');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(login), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
};

/** Undefined for what none of these keys sealed, or too long ago. */
export const openLogin = (keys: readonly Buffer[], text: string, nowMs: number): PendingLogin | undefined => {
  if (text.length > SEALED_CHARS_MAX) return undefined;
  const octets = Buffer.from(text, 'base64url');
  if (octets.length <= IV_BYTES + TAG_BYTES) return undefined;
  for (const key of keys) {
    const opened = openWith(key, octets);
    if (opened === undefined) continue;
    const login = pendingLogin.parse(JSON.parse(opened));
    return login.endsAtMs > nowMs ? login : undefined;
  }
  return undefined;
};

function openWith(key: Buffer, octets: Buffer): string | undefined {
  const decipher = createDecipheriv(CIPHER, key, octets.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(octets.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    const sealed = octets.subarray(IV_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
  } catch {
    // Not sealed by this key: what it is worth, the next key says, or nobody.
    return undefined;
  }
}
