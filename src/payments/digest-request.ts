import type { FastifyRequest } from 'fastify';
import { findSingleHeader, requestDigest } from '#atomic-core';
import { bodyOf } from '../ingress';

const digests = new WeakMap<FastifyRequest, Buffer>();

/** The digest that quotes, payments and replays of this request are bound to. Computed once a request. */
export const digestRequest = (request: FastifyRequest): Buffer => {
  const known = digests.get(request);
  if (known !== undefined) return known;
  const { rawHeaders } = request.raw;
  const digest = requestDigest({
    method: request.method,
    url: request.url,
    topics: readEither(rawHeaders, 'x-bsv-topics', 'x-topics'),
    idempotencyKey: readEither(rawHeaders, 'x-bsv-idempotency-key', 'idempotency-key'),
    body: bodyOf(request),
  });
  digests.set(request, digest);
  return digest;
};

/** The `x-bsv-` spelling is the one that BRC-104 signs and `AuthFetch` sends. A request that uses both is refused where it is read. */
const readEither = (rawHeaders: readonly string[], signed: string, common: string): string | undefined =>
  findSingleHeader(rawHeaders, signed) ?? findSingleHeader(rawHeaders, common) ?? undefined;
