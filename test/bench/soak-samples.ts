import { join } from 'node:path';
import workerThreads, { BroadcastChannel, type WorkerOptions } from 'node:worker_threads';

export interface Weight {
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
}

/** One second of a soak, in bytes. `threads` by place: the main thread first, then the workers in the order in which they started. */
export interface Sample {
  readonly atMs: number;
  readonly rss: number;
  readonly threads: readonly (Weight | undefined)[];
}

const SILENCE_MS = 60_000;
const HOOK = join(__dirname, 'report-memory.cjs');

/** Worker threads that start from now on can be weighed. Their own code is untouched: the hook is one more `--require` before it. */
export const watchWorkers = (): void => {
  const { Worker } = workerThreads;
  class WeighedWorker extends Worker {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      super(file, { ...options, execArgv: [...(options.execArgv ?? []), '--require', HOOK] });
    }
  }
  Object.assign(workerThreads, { Worker: WeighedWorker });
};

/** Weighs the main thread at once and every worker as soon as it is between two orders. */
export class Scales {
  private readonly channel = new BroadcastChannel('portcullis-soak');
  private readonly weights = new Map<number, Weight & { readonly seenAt: number }>();
  private readonly startedAt = performance.now();

  constructor() {
    this.channel.onmessage = (event) => {
      const { threadId, ...weight } = (event as { readonly data: Weight & { readonly threadId: number } }).data;
      this.weights.set(threadId, { ...weight, seenAt: performance.now() });
    };
  }

  /** Also asks the workers; what they answer is in the next sample. */
  read(): Sample {
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
    this.forgetReplaced();
    const threads = [...this.weights.keys()].sort((a, b) => a - b);
    const sample = {
      atMs: Math.round(performance.now() - this.startedAt),
      rss,
      threads: [{ heapUsed, external, arrayBuffers }, ...threads.map((id) => this.weights.get(id))],
    };
    this.channel.postMessage('weigh');
    return sample;
  }

  /** A thread that was replaced never answers again, and its place in the list belongs to its successor. */
  private forgetReplaced(): void {
    for (const [id, { seenAt }] of this.weights) if (performance.now() - seenAt > SILENCE_MS) this.weights.delete(id);
  }

  close(): void {
    this.channel.close();
  }
}
