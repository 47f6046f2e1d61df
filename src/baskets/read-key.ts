import type { FastifyRequest } from 'fastify';
import { accept, type Result } from '#atomic-core';
import { digestRequest } from '../payments';
import { readIdempotencyKey, readSignable } from '../submissions';

/** The caller's own name for the request, in either spelling; undefined when it gave none. */
export function readKey(request: FastifyRequest): Result<string | undefined> {
  const header = readSignable(request, 'idempotency-key');
  return header.ok ? readIdempotencyKey(header.value) : header;
}

/** What a request is found by when it comes again, as submissions have it. */
export interface RequestName {
  readonly requestKey: string;
  readonly requestDigest: Buffer;
}

export function readName(request: FastifyRequest): Result<RequestName> {
  const key = readKey(request);
  if (!key.ok) return key;
  const requestDigest = digestRequest(request);
  const requestKey = key.value === undefined ? `digest:${requestDigest.toString('hex')}` : `key:${key.value}`;
  return accept({ requestKey, requestDigest });
}
