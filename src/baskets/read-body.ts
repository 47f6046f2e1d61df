import type { FastifyRequest } from 'fastify';
import { reject, type Result } from '#atomic-core';
import type { z } from 'zod';
import { bodyOf, mediaTypeOf, readJson } from '../ingress';

/** The JSON body of a request in the form that `schema` gives; the refusal names the place, never what stood there. */
export function readBody<T>(request: FastifyRequest, schema: z.ZodType<T>): Result<T> {
  if (mediaTypeOf(request) !== 'application/json') return reject('media-type-unsupported', 'application/json');
  const json = readJson(bodyOf(request));
  return json.ok ? readShape(json.value, schema) : json;
}

/** As {@link readBody} where a body may be left out: no octets are an empty object. */
export function readOptionalBody<T>(request: FastifyRequest, schema: z.ZodType<T>): Result<T> {
  return bodyOf(request).length === 0 ? readShape({}, schema) : readBody(request, schema);
}

function readShape<T>(value: unknown, schema: z.ZodType<T>): Result<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const place = issue?.path.filter((part) => typeof part === 'string' && /^[A-Za-z]{1,32}$/.test(part)).join('.');
  return reject('request-malformed', place ? `${place} is not as it should be` : writeWhole(issue));
}

/** What a check over several members says is ours and names them; everything else that is wrong with the whole is a member too many. */
const writeWhole = (issue: z.core.$ZodIssue | undefined): string =>
  issue?.code === 'custom' ? issue.message : 'the body is not an object with the members that it may have';
