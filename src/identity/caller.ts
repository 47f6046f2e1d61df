import type { FastifyRequest } from 'fastify';

/** Who sent an authenticated request: proven by a signature over this very request. */
export interface Caller {
  /** 33-byte compressed public key, lower-case hex. */
  readonly identityKey: string;
  /** The tenant that every row of this request belongs to. */
  readonly organisation: string;
  readonly sessionNonce: string;
  /** The gateway's id of the request, as in the log and the answer. */
  readonly requestId: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the identity hook on every `/v1` request, and elsewhere for those who authenticate, before any guard or handler runs. */
    caller: Caller | undefined;
    /** On a route that lets anybody in (`identity: 'optional'`): nobody has said who this is. Never true of one that failed to prove it. */
    isAnonymous: boolean;
  }
}

/** The caller of an authenticated route. Throws on a route that the identity hook does not cover: a fault, and the request fails closed. */
export const callerOf = (request: FastifyRequest): Caller => {
  if (request.caller === undefined) throw new Error('This route is not authenticated.');
  return request.caller;
};
