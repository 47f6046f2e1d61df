import type { FastifyRequest } from 'fastify';
import { reject, type Result } from '#atomic-core';
import { bodyOf, mediaTypeOf } from '../ingress';
import { readSignable, readSubmission, type Submission } from '../submissions';

/** The body of a submission, its topics optional. */
export function readQuestion(request: FastifyRequest): Result<Submission> {
  const topicsHeader = readSignable(request, 'topics');
  if (!topicsHeader.ok) return topicsHeader;
  const input = { mediaType: mediaTypeOf(request), body: bodyOf(request), topicsHeader: topicsHeader.value };
  const asked = readSubmission(input, 'optional');
  if (!asked.ok) return asked;
  const { topics, baskets } = asked.value;
  // Baskets keep what topics admit: without topics there is no plan that they could be part of.
  if (topics.length === 0 && baskets.size > 0) return reject('topics-malformed', 'baskets are named, but no topic');
  return asked;
}
