import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { AUTH_VERSION, readBase64 } from './auth-headers';
import type { ShownCertificate } from '../certificate/show-certificate';
import {
  readExchangeMessage,
  readWanted,
  type ExchangeMessage,
  type RequestedCertificates,
  type WantedCertificates,
} from './certificate-messages';
import { isIdentityKey } from './gateway-keys';
import type { GatewayKeys } from './gateway-keys';
import type { AuthSession } from './verify-request';

export interface InitialRequest {
  readonly identityKey: string;
  readonly initialNonce: string;
  /** Whoever sends the message says so: nothing of it is signed. */
  readonly wanted: WantedCertificates;
}

/** The nonce of the caller protects the caller; we only bound what we store. `createNonce` of the SDK makes 48 octets. */
const PEER_NONCE_BYTES_MIN = 8;
const PEER_NONCE_BYTES_MAX = 96;

/** A message of BRC-103 that is no request over HTTP. */
export type AuthMessage = (InitialRequest & { readonly kind: 'initialRequest' }) | ExchangeMessage;

/** Reads the parsed body of POST /.well-known/auth. */
export const readAuthMessage = (body: unknown): Result<AuthMessage> => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return reject('auth-malformed', 'The body is not a JSON object.');
  }
  const message = body as Readonly<Record<string, unknown>>;
  if (message['version'] !== AUTH_VERSION) return reject('auth-version-unsupported');
  switch (message['messageType']) {
    case 'initialRequest':
      return readInitialRequest(message);
    case 'certificateRequest':
    case 'certificateResponse':
      return readExchangeMessage(message);
    default:
      return reject('auth-message-unexpected');
  }
};

const readInitialRequest = (message: Readonly<Record<string, unknown>>): Result<AuthMessage> => {
  const { identityKey, initialNonce, requestedCertificates } = message;
  if (!isIdentityKey(identityKey)) return reject('auth-malformed', 'The identity key is not a compressed public key.');
  const octets = typeof initialNonce === 'string' ? readBase64(initialNonce) : undefined;
  if (octets === undefined || octets.length < PEER_NONCE_BYTES_MIN || octets.length > PEER_NONCE_BYTES_MAX) {
    return reject('auth-malformed', 'The initial nonce is not base64 of 8 to 96 octets.');
  }
  const wanted = readWanted(requestedCertificates);
  return accept({ kind: 'initialRequest', identityKey, initialNonce: initialNonce as string, wanted });
};

export interface InitialResponse {
  readonly version: string;
  readonly messageType: 'initialResponse';
  readonly identityKey: string;
  /** Our session nonce, under the name of BRC-104 and under the one that the SDK reads. */
  readonly nonce: string;
  readonly initialNonce: string;
  readonly yourNonce: string;
  /** Not covered by the signature, which is over the two nonces alone: what is asked is a wish, and what is accepted our own rules. */
  readonly requestedCertificates: RequestedCertificates;
  /** Ours, where they were asked for. Each is signed by its certifier, and its keyring opens for this caller alone. */
  readonly certificates?: readonly ShownCertificate[];
  readonly signature: readonly number[];
}

export interface InitialAnswer {
  readonly requestedCertificates: RequestedCertificates;
  readonly certificates: readonly ShownCertificate[];
}

export const writeInitialResponse = (
  keys: GatewayKeys,
  session: AuthSession,
  { requestedCertificates, certificates }: InitialAnswer,
): InitialResponse => {
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
    requestedCertificates,
    ...(certificates.length > 0 && { certificates }),
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
