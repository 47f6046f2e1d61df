import { Worker } from 'node:worker_threads';
import type { CryptoKind } from '#atomic-core';
import type { WorkerEntry } from './worker-entry';
import { listHandedOver, type WorkerAnswer, type WorkerOrder } from './worker-order';

/** How an order ended. `limit`: it outgrew its memory or time. `lost`: its thread died for another reason. */
export type OrderEnd =
  | { readonly kind: 'answered'; readonly answer: WorkerAnswer }
  | { readonly kind: 'limit' | 'lost' | 'busy' | 'stopping' };

export interface Job {
  readonly order: WorkerOrder;
  readonly end: (end: OrderEnd) => void;
}

export interface SlotSettings {
  readonly entry: WorkerEntry;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Whether a thread that computes with this may work here. One that may not is a thread that failed to start. */
  readonly accepts: (crypto: CryptoKind) => boolean;
}

/** A thread that dies before it was ready is started again after this long, doubled each time: a broken build must not spin. */
const RESTART_DELAY_MS = 100;
const RESTART_DELAY_MS_MAX = 5_000;

/** One place in the pool: a worker thread, its current job, and its replacement when it dies. */
export class WorkerSlot {
  private worker: Worker | undefined;
  private job: Job | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private restart: NodeJS.Timeout | undefined;
  private ready = false;
  private outgrown = false;
  private stopped = false;
  private failedStarts = 0;
  restarts = 0;
  /** What its thread computes with; undefined before the first one said so. */
  crypto: CryptoKind | undefined;

  constructor(
    private readonly settings: SlotSettings,
    private readonly onIdle: (slot: WorkerSlot) => void,
  ) {
    this.start();
  }

  /** A thread that is being ended may still answer; whatever it was given next would die with it. */
  get isIdle(): boolean {
    return this.ready && !this.outgrown && this.job === undefined;
  }

  get isReady(): boolean {
    return this.ready;
  }

  get isBusy(): boolean {
    return this.job !== undefined;
  }

  run(job: Job): void {
    const { worker } = this;
    if (worker === undefined || !this.isIdle) throw new Error('A worker slot was given a job while it was not idle.');
    this.job = job;
    this.deadline = setTimeout(() => this.overrun(), this.settings.timeoutMs);
    // An idle thread must not keep a command-line process alive; one at work must.
    worker.ref();
    worker.postMessage(job.order, listHandedOver(job.order));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.restart);
    await this.worker?.terminate();
  }

  private start(): void {
    const { entry, memoryMb } = this.settings;
    const worker = new Worker(entry.file, {
      execArgv: entry.execArgv,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      // The core reads no environment; secrets of the process stay out of the threads that run strangers' scripts.
      env: {},
    });
    this.worker = worker;
    this.outgrown = false;
    worker.on('message', (answer: WorkerAnswer) => this.receive(answer));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') this.outgrown = true;
    });
    worker.on('exit', () => this.replace());
    worker.unref();
  }

  private receive(answer: WorkerAnswer): void {
    if (answer.op !== 'ready') {
      this.finish({ kind: 'answered', answer });
    } else {
      this.crypto = answer.crypto;
      // A binding that loads on the main thread and not in this one: ended here, counted as a failed start, tried again at the pace of those.
      if (!this.settings.accepts(answer.crypto)) return void this.worker?.terminate();
      this.ready = true;
      this.failedStarts = 0;
    }
    this.onIdle(this);
  }

  private overrun(): void {
    this.outgrown = true;
    void this.worker?.terminate();
  }

  private finish(end: OrderEnd): void {
    const { job } = this;
    clearTimeout(this.deadline);
    this.job = undefined;
    this.worker?.unref();
    job?.end(end);
  }

  private replace(): void {
    const wasReady = this.ready;
    this.ready = false;
    this.worker = undefined;
    this.finish({ kind: this.outgrown ? 'limit' : 'lost' });
    if (this.stopped) return;
    this.restarts += 1;
    this.failedStarts = wasReady ? 0 : this.failedStarts + 1;
    // The place beside it may be free, and who waits may have waited for this one to end.
    this.onIdle(this);
    if (this.failedStarts === 0) return this.start();
    const delayMs = Math.min(RESTART_DELAY_MS * 2 ** this.failedStarts, RESTART_DELAY_MS_MAX);
    this.restart = setTimeout(() => this.start(), delayMs);
    this.restart.unref();
  }
}
