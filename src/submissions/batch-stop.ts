import type { FastifyReply } from 'fastify';
import { limits, type Rejection } from '#atomic-core';

/** Why a batch ends before its last item, once there is a reason: its time is up, its caller is gone, or the gateway stops. */
export class BatchStop {
  readonly #stop = new AbortController();
  readonly #ended = new AbortController();
  readonly #deadline: NodeJS.Timeout;
  #reason: Rejection | undefined;

  constructor(reply: FastifyReply, draining: AbortSignal, seconds: number = limits.BATCH_SECONDS_MAX) {
    const late = {
      code: 'bulk-busy',
      detail: 'The time of the batch ran out before this item; send it again.',
    } as const;
    this.#deadline = setTimeout(() => this.#end(late), seconds * 1_000);
    reply.raw.once('close', () => this.#end({ code: 'bulk-busy', detail: 'The caller is gone.' }));
    const stopping = (): void => this.#end({ code: 'shutting-down', detail: 'Another replica will go on.' });
    if (draining.aborted) stopping();
    else draining.addEventListener('abort', stopping, { signal: this.#ended.signal });
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  reason(): Rejection | undefined {
    return this.#reason;
  }

  /** Nothing of the batch is left to stop. */
  release(): void {
    clearTimeout(this.#deadline);
    this.#ended.abort();
  }

  #end(reason: Rejection): void {
    this.#reason ??= reason;
    this.#stop.abort();
  }
}
