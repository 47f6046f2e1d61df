import type { FastifyRequest } from 'fastify';
import type { Role } from '../config';
import { refuse } from '../ingress';
import { kindOf } from './principal-name';

/** Who sent an authenticated request: proven by a signature over this very request; on a route that says so (`people`) also by a session or a certificate. */
export interface Caller {
  /** 33-byte compressed public key, lower-case hex. Of whoever came without a key its name, which is none: principal-name.ts. */
  readonly identityKey: string;
  /** The tenant that every row of this request belongs to. */
  readonly organisation: string;
  readonly sessionNonce: string;
  /** The gateway's id of the request, as in the log and the answer. */
  readonly requestId: string;
  /** Of whoever came without a key. Those of a key are in the directory. */
  readonly roles?: readonly Role[];
}

/** Another way than a signature over the request to say who sends it. */
export interface CallerSource {
  /** Whether the request says it in this way. From its head alone, and without asking anybody. */
  isClaimed(request: FastifyRequest): boolean;
  /** Refuses by throwing. Undefined: it says nothing after all. */
  authenticate(request: FastifyRequest): Promise<Caller | undefined>;
  /** Whether that would still be so, later on the same connection. To be asked is no use of it: what ends for want of use ends all the same. */
  isStanding(request: FastifyRequest): Promise<boolean>;
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

/** Of a part of a route that signs, pays or is paid: whoever came without a key is refused. */
export const keyHolderOf = (request: FastifyRequest): Caller => {
  const caller = callerOf(request);
  return kindOf(caller.identityKey) === 'identity' ? caller : refuse('identity-key-required');
};

/** Which organisation the operator put this caller into. Undefined for a key that nobody named: it is one of its own, and the next costs nothing. */
export const findOrganisation = ({
  identityKey,
  organisation,
}: Pick<Caller, 'identityKey' | 'organisation'>): string | undefined =>
  organisation === identityKey ? undefined : organisation;
