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
    topics: findSingleHeader(rawHeaders, 'x-topics') ?? undefined,
    idempotencyKey: findSingleHeader(rawHeaders, 'idempotency-key') ?? undefined,
    body: bodyOf(request),
  });
  digests.set(request, digest);
  return digest;
};
