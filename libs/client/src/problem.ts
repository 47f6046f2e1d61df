/** What to do after a refusal (the gateway's `next` member). */
export type ProblemNext = 'retry-same' | 'pay' | 'fix' | 'stop';

/** A refusal by the gateway: RFC 9457 problem details as an error. */
export class GatewayProblem extends Error {
  override readonly name = 'GatewayProblem';

  constructor(
    readonly status: number,
    /** A code of the gateway's closed table, e.g. `outpoint-spent`; `answer-malformed` when the answer was no problem document. */
    readonly code: string,
    readonly detail: string,
    readonly next: ProblemNext,
    readonly requestId: string | undefined,
  ) {
    super(`${code} (${status}): ${detail}`);
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

/** Turns a refused answer into its error. A 5xx or an answer that cannot be read is `retry-same`: it says nothing of the request. */
export const readProblem = async (response: Response): Promise<GatewayProblem> => {
  const body = parse(await response.text());
  const member = (name: string): string | undefined => {
    const value = isRecord(body) ? body[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const next = member('next');
  const fallback: ProblemNext = response.status >= 500 || response.status === 429 ? 'retry-same' : 'stop';
  return new GatewayProblem(
    response.status,
    member('code') ?? 'answer-malformed',
    member('detail') ?? `The gateway answered ${response.status} without problem details.`,
    isNext(next) ? next : fallback,
    member('requestId'),
  );
};
