import { type RejectionCode, type Result, rejections } from '#atomic-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RejectionError } from './rejection-error';

/** What hooks, guards and handlers receive. The body is always the octets as sent, for every content type; absent when none was sent. */
export type GatewayRequest = FastifyRequest<{ Body: Buffer | undefined }>;
export type GatewayReply = FastifyReply;

const NO_OCTETS = Buffer.alloc(0);

/** The body octets; empty when the request had none. */
export const bodyOf = (request: FastifyRequest): Buffer => (Buffer.isBuffer(request.body) ? request.body : NO_OCTETS);

/** The media type without parameters, lower case; undefined when the request names none. */
export const mediaTypeOf = (request: FastifyRequest): string | undefined => {
  const value = request.headers['content-type'];
  if (value === undefined) return undefined;
  const end = value.indexOf(';');
  return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase();
};

/** The value of an accepted result; throws its refusal for the problem filter otherwise. */
export const unwrap = <T>(result: Result<T>): T => {
  if (result.ok) return result.value;
  throw new RejectionError(result.rejection);
};

/** Refuses where no Result is at hand. */
export const refuse = (code: RejectionCode, detail: string = rejections[code].sentence): never => {
  throw new RejectionError({ code, detail });
};
