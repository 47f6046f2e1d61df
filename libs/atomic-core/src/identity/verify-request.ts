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

declare const brand: unique symbol;

/** What names a session of ours and the identity that it was opened for. */
export type InSession<Named> = Named & { readonly [brand]: 'InSession' };

/**
 * Whether this gateway made the nonce, and for this very identity. Costs a hash and asks nobody, so it comes before the body is read: the stock
 * middleware checks a signature against the session's identity and hands on the one that the header names (defect A1).
 */
export const verifySessionNonce = <Named extends Pick<AuthSession, 'sessionNonce' | 'identityKey'>>(
  keys: GatewayKeys,
  named: Named,
): Result<InSession<Named>> => {
  const verdict = keys.judgeSessionNonce(named.sessionNonce, named.identityKey);
  if (verdict === 'own') return accept(named as InSession<Named>);
  return reject(verdict === 'foreign' ? 'auth-identity-mismatch' : 'auth-session-unknown');
};

/**
 * Accepts only a request signed by the identity that the headers name, in a session that was opened for it. The nonce says that, not a row: a request that
 * proves nothing costs no statement. Whether the session is still open and the nonce of the message fresh is the ledger's to say, after this.
 */
export const verifyRequest = (
  keys: GatewayKeys,
  headers: InSession<AuthHeaders>,
  request: SignedRequest,
): Result<true> => {
  const payload = writeRequestPayload(headers.requestId, request);
  if (!payload.ok) return payload;
  const key = { keyId: `${headers.nonce} ${headers.sessionNonce}`, peer: headers.identityKey };
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
