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
    super(rejection.code);
    this.name = 'RejectionError';
    this.rejection = rejection;
    this.headers = extra.headers ?? {};
    this.retryAfterSeconds = extra.retryAfterSeconds;
  }
}
