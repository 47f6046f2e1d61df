import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller';

/** The tenant of those without a name. No organisation can be configured under it. */
export const PUBLIC = 'public';
/**
 * Stands where an identity key stands for those who have none. A compressed key whose x is zero: the curve has no such point (7 has no square root in its
 * field), so nobody can hold its secret, open a session for it or sign under it.
 */
export const NOBODY = `02${'00'.repeat(32)}`;

export const nobodyOf = ({ id }: FastifyRequest): Caller => ({
  organisation: PUBLIC,
  identityKey: NOBODY,
  sessionNonce: '',
  requestId: id,
});

export const isNobody = ({ identityKey }: Pick<Caller, 'identityKey'>): boolean => identityKey === NOBODY;
