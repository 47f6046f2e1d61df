import { createHash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/u;

/** 256 bits that nobody can guess. */
export const makeToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

export const isToken = (text: string | undefined): text is string => text !== undefined && TOKEN.test(text);

/** What is kept of it: whoever reads the database cannot use what is there. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
