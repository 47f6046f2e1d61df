import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { AUTH_VERSION, readBase64 } from './auth-headers';
import { isIdentityKey } from './gateway-keys';
import type { GatewayKeys } from './gateway-keys';
import type { AuthSession } from './verify-request';

export interface InitialRequest {
  readonly identityKey: string;
  readonly initialNonce: string;
}

/** The nonce of the caller protects the caller; we only bound what we store. `createNonce` of the SDK makes 48 octets. */
const PEER_NONCE_BYTES_MIN = 8;
const PEER_NONCE_BYTES_MAX = 96;

const parseJson = (octets: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
};

/** Reads the body of POST /.well-known/auth. Only an initialRequest is ever asked for there: certificates are not requested (defect A8). */
export const readInitialRequest = (body: Uint8Array): Result<InitialRequest> => {
  const message = parseJson(body);
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return reject('auth-malformed', 'The body is not a JSON object.');
  }
  const { version, messageType, identityKey, initialNonce } = message as Record<string, unknown>;
  if (version !== AUTH_VERSION) return reject('auth-version-unsupported');
  if (messageType !== 'initialRequest') return reject('auth-message-unexpected');
  if (!isIdentityKey(identityKey)) return reject('auth-malformed', 'The identity key is not a compressed public key.');
  const octets = typeof initialNonce === 'string' ? readBase64(initialNonce) : undefined;
  if (octets === undefined || octets.length < PEER_NONCE_BYTES_MIN || octets.length > PEER_NONCE_BYTES_MAX) {
    return reject('auth-malformed', 'The initial nonce is not base64 of 8 to 96 octets.');
  }
  return accept({ identityKey, initialNonce: initialNonce as string });
};

export interface InitialResponse {
  readonly version: string;
  readonly messageType: 'initialResponse';
  readonly identityKey: string;
  /** Our session nonce, under the name of BRC-104 and under the one that the SDK reads. */
  readonly nonce: string;
  readonly initialNonce: string;
  readonly yourNonce: string;
  readonly requestedCertificates: {
    readonly certifiers: readonly string[];
    readonly types: Readonly<Record<string, never>>;
  };
  readonly signature: readonly number[];
}

export const writeInitialResponse = (keys: GatewayKeys, session: AuthSession): InitialResponse => {
  const nonces = [session.peerNonce, session.sessionNonce];
  const octets = Buffer.concat(nonces.map((nonce) => Buffer.from(nonce, 'base64')));
  const signature = keys.signMessage(octets, { keyId: nonces.join(' '), peer: session.identityKey });
  return {
    version: AUTH_VERSION,
    messageType: 'initialResponse',
    identityKey: keys.identityKey,
    nonce: session.sessionNonce,
    initialNonce: session.sessionNonce,
    yourNonce: session.peerNonce,
    requestedCertificates: { certifiers: [], types: {} },
    signature: [...signature],
  };
};

/** BRC-104 repeats the message in headers. */
export const listInitialResponseHeaders = (response: InitialResponse): Record<string, string> => ({
  'x-bsv-auth-version': response.version,
  'x-bsv-auth-message-type': response.messageType,
  'x-bsv-auth-identity-key': response.identityKey,
  'x-bsv-auth-nonce': response.nonce,
  'x-bsv-auth-your-nonce': response.yourNonce,
  'x-bsv-auth-signature': Buffer.from(response.signature).toString('hex'),
});
