import { HttpException } from '@nestjs/common';
import type { Rejection, RejectionCode } from '#atomic-core';
import { rejections } from '#atomic-core';
import { isDatabaseOutage } from './database-outage';
import { RejectionError } from './rejection-error';

export interface Judgement {
  readonly rejection: Rejection;
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfterSeconds: number | undefined;
  /** Ours to repair: logged with its stack, answered without it. */
  readonly isFault: boolean;
}

const CODES_OF_STATUS: Readonly<Record<number, RejectionCode>> = {
  400: 'request-malformed',
  404: 'route-not-found',
  405: 'method-not-allowed',
  408: 'request-timeout',
  413: 'body-too-large',
  // The router's word for a path parameter over its limit: no route has one that long.
  414: 'route-not-found',
  415: 'media-type-unsupported',
  429: 'rate-limited',
  431: 'headers-too-large',
};

const judged = (code: RejectionCode, isFault = false): Judgement => ({
  rejection: { code, detail: rejections[code].sentence },
  headers: {},
  retryAfterSeconds: undefined,
  isFault,
});

/** Any thrown thing becomes one row of the closed table. Messages of libraries never reach a caller. */
export function judgeError(error: unknown): Judgement {
  if (error instanceof RejectionError) {
    const { rejection, headers, retryAfterSeconds } = error;
    return { rejection, headers, retryAfterSeconds, isFault: rejections[rejection.code].status === 500 };
  }
  if (isDatabaseOutage(error)) return judged('database-unavailable');
  const code = CODES_OF_STATUS[statusOf(error)];
  return code === undefined ? judged('internal-fault', true) : judged(code);
}

/** Nest and Fastify name a status; anything of ours that carries one by accident is still a fault. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || error.name !== 'FastifyError') return 500;
  return (error as Error & { statusCode?: number }).statusCode ?? 500;
}
