import type { FastifyRequest } from 'fastify';
import { accept, findSingleHeader, reject, type Result } from '#atomic-core';
import { bodyOf, mediaTypeOf } from '../ingress';
import { digestRequest } from '../payments';
import { readIdempotencyKey } from './read-preferences';
import { readSubmission, type Submission } from './read-submission';

export interface SubmissionRequest {
  readonly submission: Submission;
  /** Under which the receipt is kept: the caller's Idempotency-Key, or the request itself. */
  readonly requestKey: string;
  /** 32 bytes over everything that gives the request its meaning. */
  readonly requestDigest: Buffer;
}

/** Everything of the request that says what is asked. Reads no database and asks nobody. */
export function readRequest(request: FastifyRequest): Result<SubmissionRequest> {
  const topicsHeader = readSignable(request, 'topics');
  if (!topicsHeader.ok) return topicsHeader;
  const keyHeader = readSignable(request, 'idempotency-key');
  if (!keyHeader.ok) return keyHeader;
  const key = readIdempotencyKey(keyHeader.value);
  if (!key.ok) return key;
  const offChainHeader = readSignable(request, 'includes-off-chain-values');
  if (!offChainHeader.ok) return offChainHeader;
  const submission = readSubmission({
    mediaType: mediaTypeOf(request),
    body: bodyOf(request),
    topicsHeader: topicsHeader.value,
    includesOffChainValues: offChainHeader.value === 'true',
  });
  if (!submission.ok) return submission;
  const requestDigest = digestRequest(request);
  const requestKey = key.value === undefined ? `digest:${requestDigest.toString('hex')}` : `key:${key.value}`;
  return accept({ submission: submission.value, requestKey, requestDigest });
}

/** Unsigned spelling of each; the signed one is `x-bsv-` and the name. */
const COMMON = {
  topics: 'x-topics',
  aggregation: 'x-aggregation',
  'includes-off-chain-values': 'x-includes-off-chain-values',
  'idempotency-key': 'idempotency-key',
  prefer: 'prefer',
} as const;

/** BRC-104 signs `x-bsv-*` headers alone, and `AuthFetch` sends no others; the common spelling is taken too. Both at once could disagree. */
export function readSignable(request: FastifyRequest, name: keyof typeof COMMON): Result<string | undefined> {
  const { rawHeaders } = request.raw;
  const signed = findSingleHeader(rawHeaders, `x-bsv-${name}`);
  const common = findSingleHeader(rawHeaders, COMMON[name]);
  if (signed === null || common === null || (signed !== undefined && common !== undefined))
    return reject('header-duplicated', name);
  return accept(signed ?? common);
}
