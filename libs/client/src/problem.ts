/** What to do after a refusal (the gateway's `next` member). */
export type ProblemNext = 'retry-same' | 'pay' | 'fix' | 'stop';

/** Which transaction of a submission, and which of its inputs, was refused; or which topic refused. */
export interface ProblemPlace {
  readonly txid: string | undefined;
  readonly input: number | undefined;
  readonly topic: string | undefined;
}

type ProblemMembers = Pick<
  GatewayProblem,
  'status' | 'code' | 'detail' | 'next' | 'requestId' | 'retryAfterSeconds' | 'at'
>;

/** A refusal by the gateway: RFC 9457 problem details as an error. */
export class GatewayProblem extends Error {
  override readonly name = 'GatewayProblem';

  /** The HTTP status of the answer. */
  readonly status: number;
  /** A code of the gateway's closed table, e.g. `outpoint-spent`; `answer-malformed` when the answer was no problem document. */
  readonly code: string;
  readonly detail: string;
  readonly next: ProblemNext;
  /** Quote it to the gateway's operator; absent when the answer was no problem document. */
  readonly requestId: string | undefined;
  /** When the gateway asks to come back; of every 429 and 503. */
  readonly retryAfterSeconds: number | undefined;
  /** When the refusal concerns one transaction. */
  readonly at: ProblemPlace | undefined;

  constructor(problem: ProblemMembers) {
    super(`${problem.code} (${problem.status}): ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.next = problem.next;
    this.requestId = problem.requestId;
    this.retryAfterSeconds = problem.retryAfterSeconds;
    this.at = problem.at;
  }
}

const isNext = (value: unknown): value is ProblemNext =>
  value === 'retry-same' || value === 'pay' || value === 'fix' || value === 'stop';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const readPlace = (value: unknown): ProblemPlace | undefined => {
  if (!isRecord(value)) return undefined;
  const { txid, input, topic } = value;
  return {
    txid: typeof txid === 'string' ? txid : undefined,
    input: typeof input === 'number' ? input : undefined,
    topic: typeof topic === 'string' ? topic : undefined,
  };
};

/** Turns a refused answer into its error. A 5xx or an answer that cannot be read is `retry-same`: it says nothing of the request. */
export const readProblem = async (response: Response): Promise<GatewayProblem> => {
  const body = parse(await response.text());
  const member = (name: string): string | undefined => {
    const value = isRecord(body) ? body[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const next = member('next');
  const seconds = isRecord(body) ? body['retryAfterSeconds'] : undefined;
  const fallback: ProblemNext = response.status >= 500 || response.status === 429 ? 'retry-same' : 'stop';
  return new GatewayProblem({
    status: response.status,
    code: member('code') ?? 'answer-malformed',
    detail: member('detail') ?? `The gateway answered ${response.status} without problem details.`,
    next: isNext(next) ? next : fallback,
    requestId: member('requestId'),
    retryAfterSeconds: typeof seconds === 'number' && seconds > 0 ? seconds : undefined,
    at: readPlace(isRecord(body) ? body['at'] : undefined),
  });
};
