import { type Rejection, rejections } from '#atomic-core';

/** RFC 9457, with the code of the closed table, the id to quote to the operator, and what the caller may do next. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: Rejection['code'];
  readonly detail: string;
  readonly requestId: string;
  readonly next: string;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
export const REQUEST_ID_HEADER = 'portcullis-request-id';

/** `type` resolves against the gateway's own address to the entry of this code on its documentation page. */
export function writeProblem({ code, detail }: Rejection, requestId: string): Problem {
  const { sentence, status, next } = rejections[code];
  return { type: `/docs#${code}`, title: sentence, status, code, detail, requestId, next };
}

/** Asked of every 429 and 503; short, because what is unavailable here usually returns in seconds. */
const RETRY_AFTER_SECONDS: Partial<Record<Rejection['code'], number>> = {
  'rate-limited': 1,
  'verification-busy': 1,
  'database-unavailable': 2,
  'chain-unsettled': 5,
  'shutting-down': 5,
};

export function retryAfterOf(code: Rejection['code'], asked?: number): number | undefined {
  if (asked !== undefined) return Math.max(1, Math.ceil(asked));
  const { status } = rejections[code];
  return RETRY_AFTER_SECONDS[code] ?? (status === 429 || status === 503 ? 2 : undefined);
}
