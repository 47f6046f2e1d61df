import { workerEntry, type WorkerEntry } from './worker-entry';
import type { WorkerOrder } from './worker-order';
import { WorkerSlot, type Job, type OrderEnd } from './worker-slot';

export interface PoolSettings {
  readonly workers: number;
  readonly queueMax: number;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly waitMs?: number;
  readonly entry?: WorkerEntry;
}

/** What the health page and the metrics read. */
export interface PoolState {
  readonly workers: number;
  readonly ready: number;
  readonly busy: number;
  readonly queued: number;
  /** Threads replaced since the start. */
  readonly restarts: number;
}

/** RELIABILITY §8: who waits longer than this is told to come back rather than kept. */
const WAIT_MS = 2_000;

interface QueuedJob extends Job {
  readonly patience: NodeJS.Timeout;
}

/** A fixed number of threads, a short line before them, and an honest "busy" beyond it. */
export class VerificationPool {
  private readonly slots: WorkerSlot[];
  private readonly queue: QueuedJob[] = [];
  private readonly pending = new Set<Promise<OrderEnd>>();
  private stopping = false;

  constructor(private readonly settings: PoolSettings) {
    const { timeoutMs, memoryMb } = settings;
    const slot = { entry: settings.entry ?? workerEntry(), timeoutMs, memoryMb };
    this.slots = Array.from({ length: settings.workers }, () => new WorkerSlot(slot, () => this.dispatch()));
  }

  /** The order's octets are handed to the worker and unusable here afterwards. */
  run(order: WorkerOrder): Promise<OrderEnd> {
    const ended = new Promise<OrderEnd>((end) => this.place(order, end));
    this.pending.add(ended);
    void ended.then(() => this.pending.delete(ended));
    return ended;
  }

  state(): PoolState {
    const ready = this.slots.filter((slot) => slot.isReady).length;
    return {
      workers: this.slots.length,
      ready,
      busy: ready - this.slots.filter((slot) => slot.isIdle).length,
      queued: this.queue.length,
      restarts: this.slots.reduce((sum, slot) => sum + slot.restarts, 0),
    };
  }

  /** Work already begun is finished (each piece has its deadline); work still waiting is turned away. */
  async close(): Promise<void> {
    this.stopping = true;
    for (const job of this.queue.splice(0)) {
      clearTimeout(job.patience);
      job.end({ kind: 'stopping' });
    }
    await Promise.all(this.pending);
    await Promise.all(this.slots.map((slot) => slot.stop()));
  }

  private place(order: WorkerOrder, end: (end: OrderEnd) => void): void {
    if (this.stopping) return end({ kind: 'stopping' });
    const idle = this.slots.find((slot) => slot.isIdle);
    if (idle !== undefined) return idle.run({ order, end });
    if (this.queue.length >= this.settings.queueMax) return end({ kind: 'busy' });
    const patience = setTimeout(() => this.abandon(job), this.settings.waitMs ?? WAIT_MS);
    const job: QueuedJob = { order, end, patience };
    this.queue.push(job);
  }

  private abandon(job: QueuedJob): void {
    const place = this.queue.indexOf(job);
    if (place < 0) return;
    this.queue.splice(place, 1);
    job.end({ kind: 'busy' });
  }

  private dispatch(): void {
    for (const slot of this.slots) {
      if (!slot.isIdle) continue;
      const job = this.queue.shift();
      if (job === undefined) return;
      clearTimeout(job.patience);
      slot.run(job);
    }
  }
}
