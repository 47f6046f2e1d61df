export interface TimeBudget {
  /** Aborted when the time is over or the parent was aborted. */
  readonly signal: AbortSignal;
  /** MUST be called when what the budget is for has ended. */
  readonly end: () => void;
}

/**
 * A time within which something has to end. Not `AbortSignal.any` over `AbortSignal.timeout`: Node 20 holds such timers weakly and may collect them, and
 * then a host that is silent is waited for without an end. The timer here holds what it aborts.
 */
export const startTimeBudget = (timeoutMs: number, parent?: AbortSignal): TimeBudget => {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  if (parent?.aborted === true) abort();
  parent?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      parent?.removeEventListener('abort', abort);
    },
  };
};
