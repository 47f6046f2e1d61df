import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { isIdentityKeyText } from './gateway-keys';

/** The `x-bsv-auth-*` headers of a BRC-104 general message, each checked for its form. Nonces stay base64: they are signed as text. */
export interface AuthHeaders {
  readonly identityKey: string;
  /** The caller's fresh nonce for this one message. */
  readonly nonce: string;
  /** Our session nonce. */
  readonly sessionNonce: string;
  readonly requestId: string;
  readonly signature: Uint8Array;
}

export const AUTH_VERSION = '0.1';
/** Octets of the random nonce of one message: BRC-103 asks for 256 bits; the upper bound only keeps rows small. */
const MESSAGE_NONCE_BYTES_MIN = 32;
const MESSAGE_NONCE_BYTES_MAX = 64;
const REQUEST_ID_BYTES = 32;
const SESSION_NONCE_BYTES = 48;
/** A DER signature over secp256k1 has at most 72 octets. */
const SIGNATURE_BYTES_MAX = 72;
const SIGNATURE = /^(?:[0-9a-f]{2})+$/;

/** Octets of canonical padded base64, or undefined: two spellings of one nonce would be two nonces to the replay check. */
export const readBase64 = (text: string): Buffer | undefined => {
  const octets = Buffer.from(text, 'base64');
  return octets.toString('base64') === text ? octets : undefined;
};

/** The value of a header that may appear once; `null` when it appears more than once. `rawHeaders` is name, value, name, value, … */
export const findSingleHeader = (rawHeaders: readonly string[], name: string): string | null | undefined => {
  let found: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== name) continue;
    if (found !== undefined) return null;
    found = rawHeaders[i + 1];
  }
  return found;
};

/** Whether the text is canonical base64 of so many octets. */
export const hasBytes = (text: string, min: number, max: number): boolean => {
  const octets = readBase64(text);
  return octets !== undefined && octets.length >= min && octets.length <= max;
};

export const readAuthHeaders = (rawHeaders: readonly string[]): Result<AuthHeaders> => {
  const names = ['version', 'identity-key', 'nonce', 'your-nonce', 'request-id', 'signature'] as const;
  const values = names.map((name) => findSingleHeader(rawHeaders, `x-bsv-auth-${name}`));
  if (values.every((value) => value === undefined)) return reject('auth-required');
  for (const [i, value] of values.entries()) {
    if (value === undefined) return reject('auth-malformed', `The header x-bsv-auth-${names[i]} is missing.`);
    if (value === null) return reject('auth-malformed', `The header x-bsv-auth-${names[i]} appears more than once.`);
  }
  const [version, identityKey, nonce, sessionNonce, requestId, signature] = values as string[] as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (version !== AUTH_VERSION) return reject('auth-version-unsupported');
  // Its form only: it must equal the session's key, whose point was checked at the handshake.
  if (!isIdentityKeyText(identityKey))
    return reject('auth-malformed', 'The identity key is not a compressed public key.');
  if (!hasBytes(nonce, MESSAGE_NONCE_BYTES_MIN, MESSAGE_NONCE_BYTES_MAX)) {
    return reject('auth-malformed', 'The nonce is not base64 of 32 octets.');
  }
  if (!hasBytes(requestId, REQUEST_ID_BYTES, REQUEST_ID_BYTES)) {
    return reject('auth-malformed', 'The request id is not base64 of 32 octets.');
  }
  // Every session nonce of ours has this form; one that has not was made elsewhere, which the caller cures by a new handshake.
  if (!hasBytes(sessionNonce, SESSION_NONCE_BYTES, SESSION_NONCE_BYTES)) return reject('auth-session-unknown');
  if (signature.length > 2 * SIGNATURE_BYTES_MAX || !SIGNATURE.test(signature)) {
    return reject('auth-malformed', 'The signature is not hex of a DER signature.');
  }
  return accept({ identityKey, nonce, sessionNonce, requestId, signature: Buffer.from(signature, 'hex') });
};
