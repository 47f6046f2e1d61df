import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RejectionError } from './rejection-error';
import { TokenBuckets, rateKeyOfAddress } from './token-bucket';

/** Set by the identity hook where a route lets anybody in and nobody has said who it is. */
interface MaybeAnonymous {
  readonly isAnonymous?: boolean;
}

const SECONDS_AT_ONCE = 10;

/**
 * Those without a name share the rate of their address, far below the one that the door allows it. MUST be registered after the identity hook, and acts
 * before the body is read: what is refused here has cost a header.
 */
export function limitAnonymous(
  fastify: FastifyInstance,
  requestsPerMinute: number,
  addressesMax: number,
): TokenBuckets {
  const perSecond = requestsPerMinute / 60;
  const atOnce = Math.max(1, Math.ceil(perSecond * SECONDS_AT_ONCE));
  const buckets = new TokenBuckets(perSecond, addressesMax, atOnce);
  fastify.addHook('onRequest', (request: FastifyRequest, _reply, done) => {
    const { isAnonymous = false } = request as MaybeAnonymous;
    const wait = isAnonymous ? buckets.take(rateKeyOfAddress(request.ip), performance.now()) : 0;
    if (wait === 0) {
      done();
      return;
    }
    const detail = 'Too many requests without authentication from this address.';
    done(new RejectionError({ code: 'rate-limited', detail }, { retryAfterSeconds: wait }));
  });
  return buckets;
}
