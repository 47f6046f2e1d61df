import type { FastifyRequest } from 'fastify';
import { findSingleHeader } from '#atomic-core';
import { keyOfRequest } from '#ledger';

/** A request that has a key of its own is drawn for once: its caller means the same one when it comes again. Any other is another one each time. */
export const drawnFor = (request: FastifyRequest | undefined, requestDigest: Buffer): string | undefined => {
  if (request === undefined) return undefined;
  const { rawHeaders } = request.raw;
  const isKeyed = ['x-bsv-idempotency-key', 'idempotency-key'].some(
    (name) => findSingleHeader(rawHeaders, name) != null,
  );
  return isKeyed ? keyOfRequest(requestDigest) : undefined;
};
