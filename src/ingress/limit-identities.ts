import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DoorLimits } from './door-limits';
import { RejectionError } from './rejection-error';
import { TokenBuckets } from './token-bucket';

interface MaybeCalled {
  readonly caller?: { readonly identityKey: string };
}

/** MUST be registered after the identity hook: the bucket belongs to a proven key, never to a claimed one. */
export function limitIdentities(fastify: FastifyInstance, limits: DoorLimits): TokenBuckets {
  const buckets = new TokenBuckets(limits.identityRatePerSecond, limits.rateKeysMax);
  fastify.addHook('preHandler', (request: FastifyRequest, _reply, done) => {
    const { caller } = request as MaybeCalled;
    const wait = caller === undefined ? 0 : buckets.take(caller.identityKey, performance.now());
    if (wait === 0) {
      done();
      return;
    }
    const detail = 'Too many requests of this identity.';
    done(new RejectionError({ code: 'rate-limited', detail }, { retryAfterSeconds: wait }));
  });
  return buckets;
}
