import { timingSafeEqual } from 'node:crypto';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import type { AuthHeaders } from './auth-headers';
import type { GatewayKeys } from './gateway-keys';
import { writeRequestPayload, writeResponsePayload } from './payload';
import type { SignedRequest, SignedResponse } from './payload';

/** What a handshake agreed on. It proves nothing about the caller: that is done by the signature of each request. */
export interface AuthSession {
  readonly sessionNonce: string;
  readonly identityKey: string;
  /** The caller's own session nonce; our answers are signed for it. */
  readonly peerNonce: string;
}

const isSameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/**
 * Accepts only a request signed by the identity that the session was opened for AND that the headers name: the stock middleware checks the signature
 * against the session and hands on the header (defect A1). Whether the nonce is fresh is the ledger's to say, after this.
 */
export const verifyRequest = (
  keys: GatewayKeys,
  session: AuthSession,
  headers: AuthHeaders,
  request: SignedRequest,
): Result<true> => {
  if (!isSameText(headers.sessionNonce, session.sessionNonce)) return reject('auth-session-unknown');
  if (!isSameText(headers.identityKey, session.identityKey)) return reject('auth-identity-mismatch');
  const payload = writeRequestPayload(headers.requestId, request);
  if (!payload.ok) return payload;
  const key = { keyId: `${headers.nonce} ${session.sessionNonce}`, peer: session.identityKey };
  return keys.verifyMessage(payload.value, headers.signature, key) ? accept(true) : reject('auth-signature-invalid');
};

export interface AnswerContext {
  readonly session: AuthSession;
  readonly requestId: string;
  /** 32 fresh random octets. */
  readonly random: Uint8Array;
}

/** The headers that sign an answer, for the session of the request that it answers: the newest session of an identity may be an attacker's (A5). */
export const signResponse = (
  keys: GatewayKeys,
  { session, requestId, random }: AnswerContext,
  response: SignedResponse,
): Record<string, string> => {
  const nonce = Buffer.from(random).toString('base64');
  const payload = writeResponsePayload(requestId, response);
  const signature = keys.signMessage(payload, { keyId: `${nonce} ${session.peerNonce}`, peer: session.identityKey });
  return {
    'x-bsv-auth-version': '0.1',
    'x-bsv-auth-identity-key': keys.identityKey,
    'x-bsv-auth-nonce': nonce,
    'x-bsv-auth-your-nonce': session.peerNonce,
    'x-bsv-auth-request-id': requestId,
    'x-bsv-auth-signature': Buffer.from(signature).toString('hex'),
  };
};
