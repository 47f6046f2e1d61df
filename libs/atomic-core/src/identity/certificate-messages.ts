import type { ShownCertificate } from '../certificate/show-certificate';
import { CERTIFICATES_MAX } from '../limits';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { AUTH_VERSION, hasBytes } from './auth-headers';
import { isIdentityKeyText } from './gateway-keys';
import type { GatewayKeys } from './gateway-keys';
import { verifySessionNonce } from './verify-request';
import type { AuthSession } from './verify-request';

/** What one side asks the other to show (BRC-103): any of these types by any of these certifiers, with these fields of each type. */
export interface RequestedCertificates {
  readonly certifiers: readonly string[];
  readonly types: Readonly<Record<string, readonly string[]>>;
}

/** The same as it was read from somebody else. */
export interface WantedCertificates {
  readonly certifiers: ReadonlySet<string>;
  /** Names of fields, by type. */
  readonly types: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A signed message of an open session that is no request over HTTP. */
export interface ExchangeMessage {
  readonly kind: 'certificateRequest' | 'certificateResponse';
  readonly identityKey: string;
  /** The caller's fresh nonce for this one message. */
  readonly nonce: string;
  readonly sessionNonce: string;
  /** What the signature is over. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** As they came, none of them read; empty in a request. */
  readonly certificates: readonly unknown[];
  /** Empty in a response. */
  readonly wanted: WantedCertificates;
}

const NONCE_BYTES_MIN = 32;
const NONCE_BYTES_MAX = 64;
const SESSION_NONCE_BYTES = 48;
/** A DER signature over secp256k1 has at most 72 octets. */
const SIGNATURE_BYTES_MAX = 72;

const isOctet = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255;

const readSignature = (value: unknown): Uint8Array | undefined =>
  Array.isArray(value) && value.length > 0 && value.length <= SIGNATURE_BYTES_MAX && value.every(isOctet)
    ? Uint8Array.from(value)
    : undefined;

/** The member that the signature is over, written again as the SDK writes it. Bounded by the depth and the members that a body may have. */
const writeSigned = (content: unknown): Uint8Array => Buffer.from(JSON.stringify(content), 'utf8');

const isShape = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const listTexts = (value: unknown): ReadonlySet<string> =>
  new Set(Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);

/**
 * What of it can be read; the rest is asked in words that no certificate answers to. Never refused: it is a wish, and other SDKs write `null` for none. Bounded
 * by the octets and members that a body may have.
 */
export const readWanted = (value: unknown): WantedCertificates => {
  const { certifiers, types } = (isShape(value) ? value : {}) as Readonly<Record<string, unknown>>;
  const named = isShape(types) ? Object.entries(types as object) : [];
  return {
    certifiers: listTexts(certifiers),
    types: new Map(named.map(([type, fields]) => [type, listTexts(fields)])),
  };
};

/** `message` has this version and one of these two types. */
export const readExchangeMessage = (message: Readonly<Record<string, unknown>>): Result<ExchangeMessage> => {
  const { identityKey, nonce, yourNonce, certificates, requestedCertificates } = message;
  const kind = message['messageType'] === 'certificateResponse' ? 'certificateResponse' : 'certificateRequest';
  if (!isIdentityKeyText(identityKey))
    return reject('auth-malformed', 'The identity key is not a compressed public key.');
  if (typeof nonce !== 'string' || !hasBytes(nonce, NONCE_BYTES_MIN, NONCE_BYTES_MAX))
    return reject('auth-malformed', 'The nonce is not base64 of 32 octets.');
  if (typeof yourNonce !== 'string' || !hasBytes(yourNonce, SESSION_NONCE_BYTES, SESSION_NONCE_BYTES))
    return reject('auth-session-unknown');
  const signature = readSignature(message['signature']);
  if (signature === undefined) return reject('auth-malformed', 'The signature is not the octets of a DER signature.');
  const common = { kind, identityKey, nonce, sessionNonce: yourNonce, signature } as const;
  if (kind === 'certificateRequest') {
    if (!isShape(requestedCertificates))
      return reject('auth-malformed', 'It is not said which certificates are asked.');
    return accept({
      ...common,
      signed: writeSigned(requestedCertificates),
      certificates: [],
      wanted: readWanted(requestedCertificates),
    });
  }
  if (!Array.isArray(certificates)) return reject('auth-malformed', 'The certificates are not a list.');
  if (certificates.length > CERTIFICATES_MAX)
    return reject('certificate-malformed', `One message has at most ${CERTIFICATES_MAX} certificates.`);
  return accept({ ...common, signed: writeSigned(certificates), certificates, wanted: readWanted(undefined) });
};

/** As of a request: a session of this identity, and its signature. Whether the nonce is fresh is the ledger's to say, after this. */
export const verifyExchangeMessage = (keys: GatewayKeys, message: ExchangeMessage): Result<true> => {
  const { identityKey, sessionNonce, nonce, signed, signature } = message;
  const bound = verifySessionNonce(keys, message);
  if (!bound.ok) return bound;
  const key = { keyId: `${nonce} ${sessionNonce}`, peer: identityKey };
  return keys.verifyMessage(signed, signature, key) ? accept(true) : reject('auth-signature-invalid');
};

export interface CertificateResponse {
  readonly version: string;
  readonly messageType: 'certificateResponse';
  readonly identityKey: string;
  readonly nonce: string;
  readonly initialNonce: string;
  readonly yourNonce: string;
  readonly certificates: readonly ShownCertificate[];
  readonly signature: readonly number[];
}

/** The answer to a certificateRequest: what we have to show, which may be nothing. `random`: 32 fresh octets. */
export const writeCertificateResponse = (
  keys: GatewayKeys,
  session: AuthSession,
  { certificates, random }: { readonly certificates: readonly ShownCertificate[]; readonly random: Uint8Array },
): CertificateResponse => {
  const nonce = Buffer.from(random).toString('base64');
  const key = { keyId: `${nonce} ${session.peerNonce}`, peer: session.identityKey };
  return {
    ...{ version: AUTH_VERSION, messageType: 'certificateResponse', identityKey: keys.identityKey },
    ...{ nonce, initialNonce: session.sessionNonce, yourNonce: session.peerNonce, certificates },
    signature: [...keys.signMessage(writeSigned(certificates), key)],
  };
};
