import type { Rejection } from '#atomic-core';

export interface RejectionExtra {
  /** Sent with the answer, for example the terms of a 402. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For `retry-same` answers; every 503 and 429 carries a Retry-After even when this is absent. */
  readonly retryAfterSeconds?: number;
}

/** Carries a refusal out of a hook, guard or handler to the problem filter, which is the only place that writes it. */
export class RejectionError extends Error {
  readonly rejection: Rejection;
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(rejection: Rejection, extra: RejectionExtra = {}) {
    // A refusal is an ordinary answer, and whoever floods us gets many: nobody reads where it was made, and finding that out is a good part of its cost.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(rejection.code);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'RejectionError';
    this.rejection = rejection;
    this.headers = extra.headers ?? {};
    this.retryAfterSeconds = extra.retryAfterSeconds;
  }
}
