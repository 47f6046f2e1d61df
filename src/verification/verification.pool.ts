import type { CryptoKind } from '#atomic-core';
import { workerEntry, type WorkerEntry } from './worker-entry';
import { WaitingLine, type Urgency } from './waiting-line';
import type { WorkerOrder } from './worker-order';
import { WorkerSlot, type Job, type OrderEnd } from './worker-slot';

export interface PoolSettings {
  readonly workers: number;
  readonly queueMax: number;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly waitMs?: number;
  readonly entry?: WorkerEntry;
  /** What a thread must compute with; any when absent. */
  readonly accepts?: (crypto: CryptoKind) => boolean;
  /** Told of each order that is asked for, whether or not a thread is found for it. */
  readonly countOrder?: (op: WorkerOrder['op']) => void;
}

/** What the health page and the metrics read. */
export interface PoolState {
  readonly workers: number;
  readonly ready: number;
  /** Threads that are ready, the one that stands by included. */
  readonly standing: number;
  readonly busy: number;
  readonly queued: number;
  /** Threads replaced since the start. */
  readonly restarts: number;
  /** What each thread computes with, as far as they have said so. */
  readonly crypto: readonly CryptoKind[];
}

/** RELIABILITY §8: who waits longer than this is told to come back rather than kept. */
const WAIT_MS = 2_000;
/** Who handed over many waits in the same request for all of them, and behind everybody else's single one. */
const BULK_PATIENCE = 15;

/**
 * A fixed number of threads at work, a short line before them, and an honest "busy" beyond it. One thread more than may work stands ready: when one had to
 * be killed, the next order does not wait for a new one to load (120 ms on an idle machine, several times that on a busy one).
 */
export class VerificationPool {
  private readonly slots: WorkerSlot[] = [];
  private readonly line: WaitingLine<Job>;
  private readonly pending = new Set<Promise<OrderEnd>>();
  private stopping = false;

  constructor(private readonly settings: PoolSettings) {
    this.line = new WaitingLine(settings.queueMax);
    for (let count = 0; count < settings.workers; count += 1) this.slots.push(this.openSlot());
  }

  /** What the order hands over (`listHandedOver`) is the worker's from here on and unusable here. */
  run(order: WorkerOrder, urgency: Urgency = 'single'): Promise<OrderEnd> {
    this.settings.countOrder?.(order.op);
    const ended = new Promise<OrderEnd>((end) => this.place({ order, end }, urgency));
    this.pending.add(ended);
    void ended.then(() => this.pending.delete(ended));
    return ended;
  }

  /** Threads that would begin at once. */
  get idle(): number {
    const idle = this.slots.filter((slot) => slot.isIdle).length;
    return this.stopping || this.line.length > 0 ? 0 : Math.max(0, Math.min(idle, this.settings.workers - this.busy));
  }

  state(): PoolState {
    const standing = this.slots.filter((slot) => slot.isReady).length;
    return {
      workers: this.settings.workers,
      ready: Math.min(this.settings.workers, standing),
      standing,
      busy: this.busy,
      queued: this.line.length,
      restarts: this.slots.reduce((sum, slot) => sum + slot.restarts, 0),
      crypto: this.slots.flatMap(({ crypto }) => (crypto === undefined ? [] : [crypto])),
    };
  }

  /** Work already begun is finished (each piece has its deadline); work still waiting is turned away. */
  async close(): Promise<void> {
    this.stopping = true;
    for (const job of this.line.clear()) job.end({ kind: 'stopping' });
    await Promise.all(this.pending);
    await Promise.all(this.slots.map((slot) => slot.stop()));
  }

  private get busy(): number {
    return this.slots.filter((slot) => slot.isBusy).length;
  }

  private openSlot(): WorkerSlot {
    const { entry = workerEntry(), timeoutMs, memoryMb, accepts = () => true } = this.settings;
    return new WorkerSlot({ entry, timeoutMs, memoryMb, accepts }, () => this.dispatch());
  }

  private place(job: Job, urgency: Urgency): void {
    if (this.stopping) return job.end({ kind: 'stopping' });
    const free = this.findFree();
    if (free !== undefined) return free.run(job);
    const patienceMs = (this.settings.waitMs ?? WAIT_MS) * (urgency === 'bulk' ? BULK_PATIENCE : 1);
    const waits = this.line.enter(job, urgency, { patienceMs, onEnd: () => job.end({ kind: 'busy' }) });
    if (!waits) job.end({ kind: 'busy' });
  }

  /** No thread while as many as may work do: the one more is for when one of them dies. */
  private findFree(): WorkerSlot | undefined {
    return this.busy < this.settings.workers ? this.slots.find((slot) => slot.isIdle) : undefined;
  }

  private dispatch(): void {
    if (this.stopping) return;
    for (let free = this.findFree(); free !== undefined; free = this.findFree()) {
      const job = this.line.next();
      if (job === undefined) break;
      free.run(job);
    }
    // The spare is the last to load: it must not take the cores from those that are waited for.
    const spareMissing = this.slots.length === this.settings.workers;
    if (spareMissing && this.slots.every((slot) => slot.isReady)) this.slots.push(this.openSlot());
  }
}
