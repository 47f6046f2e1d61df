import { type Rejection, type RejectionPlace, rejections } from '#atomic-core';

/** RFC 9457, with the code of the closed table, the id to quote to the operator, and what the caller may do next. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: Rejection['code'];
  readonly detail: string;
  readonly requestId: string;
  readonly next: string;
  /** Also the Retry-After header; here because BRC-104 signs the body and not that header, and `AuthFetch` hands on only what is signed. */
  readonly retryAfterSeconds?: number;
  /** The transaction, and the input of it, that is refused; the topic that refuses. */
  readonly at?: RejectionPlace;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
export const REQUEST_ID_HEADER = 'portcullis-request-id';

/** `type` resolves against the gateway's own address to the entry of this code on its documentation page. */
export function writeProblem({ code, detail, at }: Rejection, requestId: string, retryAsked?: number): Problem {
  const { sentence, status, next } = rejections[code];
  const retryAfterSeconds = retryAfterOf(code, retryAsked);
  return {
    ...{ type: `/docs#${code}`, title: sentence, status, code, detail, requestId, next },
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    // Member by member: this is the edge, and a place holds three things whatever an object may carry.
    ...(at === undefined ? {} : { at: writePlace(at) }),
  };
}

const writePlace = ({ txid, input, topic }: RejectionPlace): RejectionPlace => ({
  ...(txid === undefined ? {} : { txid }),
  ...(input === undefined ? {} : { input }),
  ...(topic === undefined ? {} : { topic }),
});

/** A refusal as `overlay-express` words it, with what a problem says beside. */
export interface OverlayRefusal extends Pick<Problem, 'code' | 'requestId' | 'next' | 'retryAfterSeconds' | 'at'> {
  readonly status: 'error';
  readonly message: string;
}

/** Who, what it costs, how much, how often, and what is ours. Everything else that is wrong with a request is 400 there. */
const STATUSES_KEPT = new Set([401, 402, 408, 413, 429, 431, 500, 503]);

export const overlayStatusOf = ({ status }: Pick<Problem, 'status'>): number =>
  STATUSES_KEPT.has(status) ? status : 400;

export const writeOverlayRefusal = ({
  type: _type,
  title: _title,
  status: _status,
  detail,
  ...rest
}: Problem): OverlayRefusal => ({ status: 'error', message: detail, ...rest });

/** The Retry-After header of a problem that has one. */
export function retryHeaderOf({ retryAfterSeconds }: Problem): Record<string, string> {
  return retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
}

/** Asked of every 429 and 503; short, because what is unavailable here usually returns in seconds. */
const RETRY_AFTER_SECONDS: Partial<Record<Rejection['code'], number>> = {
  'rate-limited': 1,
  'verification-busy': 1,
  'database-unavailable': 2,
  'chain-unsettled': 5,
  'payment-unknown': 5,
  'shutting-down': 5,
};

export function retryAfterOf(code: Rejection['code'], asked?: number): number | undefined {
  if (asked !== undefined) return Math.max(1, Math.ceil(asked));
  const { status } = rejections[code];
  return RETRY_AFTER_SECONDS[code] ?? (status === 429 || status === 503 ? 2 : undefined);
}
