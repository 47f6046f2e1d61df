import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/u;

/** 256 bits that nobody can guess. */
export const makeToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

export const isToken = (text: string | undefined): text is string => text !== undefined && TOKEN.test(text);

const MAC_BYTES = 16;
const SESSION_TOKEN = /^[A-Za-z0-9_-]{64}$/u;

const macOf = (key: Uint8Array, random: Uint8Array): Buffer =>
  createHmac('sha256', key).update('person session').update(random).digest().subarray(0, MAC_BYTES);

/** The same, and a MAC that says that it was made here: whoever only guesses asks nothing of the database. `keys`: the one in force first. */
export const makeSessionToken = (keys: readonly Uint8Array[]): string => {
  const [key] = keys;
  if (key === undefined) throw new Error('No key is in force.');
  const random = randomBytes(TOKEN_BYTES);
  return Buffer.concat([random, macOf(key, random)]).toString('base64url');
};

export const isSessionToken = (keys: readonly Uint8Array[], text: string | undefined): text is string => {
  if (text === undefined || !SESSION_TOKEN.test(text)) return false;
  const octets = Buffer.from(text, 'base64url');
  const [random, mac] = [octets.subarray(0, TOKEN_BYTES), octets.subarray(TOKEN_BYTES)];
  return keys.some((key) => timingSafeEqual(macOf(key, random), mac));
};

/** What is kept of it: whoever reads the database cannot use what is there. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
