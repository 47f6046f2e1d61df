import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line and span of one request carries. */
export interface RequestScope {
  readonly requestId: string;
}

const scopes = new AsyncLocalStorage<RequestScope>();

export const runInRequest = <T>(scope: RequestScope, run: () => T): T => scopes.run(scope, run);
export const findRequestScope = (): RequestScope | undefined => scopes.getStore();
