import type { ThreadCall } from './thread-message';

/** How a call ended. `failed`: it threw or answered nonsense. `unavailable`: it did not answer. */
export type CallEnd =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
  | {
      readonly kind: 'unavailable';
      readonly reason: string;
      /** The extension had it in hand. */ readonly begun?: true;
    };

export interface QueuedCall {
  readonly id: number;
  readonly call: ThreadCall;
  readonly end: (end: CallEnd) => void;
  /** How often it was sent to a thread. */
  sent: number;
  /** The extension has it in hand. */
  begun: boolean;
  /** A thread ended under it and others: it is asked again with nothing beside it, to know who is to blame. */
  alone: boolean;
  deadline?: NodeJS.Timeout | undefined;
  patience?: NodeJS.Timeout | undefined;
}

export interface QueueSettings {
  readonly timeoutMs: number;
  readonly send: (id: number, call: ThreadCall) => void;
  /** A call had its time and is not answered. */
  readonly onOverdue: (call: QueuedCall) => void;
}

/** In the hands of one extension at a time; an async one works on several. */
const FLIGHT_MAX = 32;
const WAITING_MAX = 1_000;
/** Who waits longer than this many time limits for its turn, and as long as a new thread takes on a busy machine, is told to come back. */
const PATIENCE = 4;
const NEW_THREAD_MS = 5_000;
const SENT_MAX = 2;

/** The calls of one extension: those that wait for a thread, and those that it has. */
export class CallQueue {
  private readonly waiting: QueuedCall[] = [];
  private readonly flight = new Map<number, QueuedCall>();
  private open = false;
  private last = 0;

  constructor(private readonly settings: QueueSettings) {}

  get isIdle(): boolean {
    return this.flight.size === 0;
  }

  enter(call: ThreadCall): Promise<CallEnd> {
    if (this.waiting.length >= WAITING_MAX)
      return Promise.resolve({ kind: 'unavailable', reason: 'too many wait for it' });
    return new Promise((resolve) => {
      this.last += 1;
      const queued: QueuedCall = { id: this.last, call, end: resolve, sent: 0, begun: false, alone: false };
      this.waiting.push(queued);
      this.limitWait(queued);
      this.pump();
    });
  }

  /** A thread is ready: it gets what waits. */
  resume(): void {
    this.open = true;
    this.pump();
  }

  /** There is no thread: what was in its hands is asked once more of the next one, but for `blamed` and what may not be said twice. */
  suspend(reason: string, blamed: QueuedCall | undefined): void {
    this.open = false;
    const orphans = [...this.flight.values()];
    this.flight.clear();
    for (const call of orphans.reverse()) {
      clearTimeout(call.deadline);
      const isSaidOnce = call.begun && call.call.op === 'tell';
      if (call === blamed || call.sent >= SENT_MAX || isSaidOnce) this.abandon(call, reason);
      else {
        call.alone = call.begun;
        call.begun = false;
        this.waiting.unshift(call);
        this.limitWait(call);
      }
    }
  }

  began(id: number): void {
    const call = this.flight.get(id);
    if (call === undefined) return;
    call.begun = true;
    // The newest in hand is the last of the map: if the thread stands still, it stands in this one.
    this.flight.delete(id);
    this.flight.set(id, call);
    this.arm(call);
  }

  finish(id: number, end: CallEnd): void {
    const call = this.flight.get(id);
    if (call === undefined) return;
    this.flight.delete(id);
    this.settle(call, end);
    this.pump();
  }

  /** More time, because it is not to blame. */
  arm(call: QueuedCall): void {
    clearTimeout(call.deadline);
    call.deadline = setTimeout(() => {
      // An answer may have arrived while this process was busy: it counts before the clock does.
      setImmediate(() => {
        if (this.flight.get(call.id) === call) this.judgeDeadline(call);
      });
    }, this.settings.timeoutMs);
  }

  isInHand(call: QueuedCall): boolean {
    return this.flight.get(call.id) === call && call.begun;
  }

  /** All that the extension has in hand, the newest last. */
  listBegun(): QueuedCall[] {
    return [...this.flight.values()].filter(({ begun }) => begun);
  }

  clear(reason: string): void {
    this.open = false;
    const calls = [...this.flight.values(), ...this.waiting.splice(0)];
    this.flight.clear();
    for (const call of calls) this.abandon(call, reason);
  }

  private judgeDeadline(call: QueuedCall): void {
    // Another one holds the thread up, and has a deadline of its own.
    if (!call.begun && this.listBegun().length > 0) return this.arm(call);
    this.settings.onOverdue(call);
  }

  private pump(): void {
    while (this.open && this.flight.size < FLIGHT_MAX) {
      const [next] = this.waiting;
      const isHeld = [...this.flight.values()].some(({ alone }) => alone);
      if (next === undefined || isHeld || (next.alone && this.flight.size > 0)) return;
      this.waiting.shift();
      clearTimeout(next.patience);
      next.sent += 1;
      this.flight.set(next.id, next);
      this.arm(next);
      this.settings.send(next.id, next.call);
    }
  }

  private limitWait(call: QueuedCall): void {
    call.patience = setTimeout(() => this.giveUp(call), this.settings.timeoutMs * PATIENCE + NEW_THREAD_MS);
  }

  private giveUp(call: QueuedCall): void {
    const place = this.waiting.indexOf(call);
    if (place < 0) return;
    this.waiting.splice(place, 1);
    this.settle(call, { kind: 'unavailable', reason: 'it was not its turn in time' });
  }

  private abandon(call: QueuedCall, reason: string): void {
    this.settle(call, { kind: 'unavailable', reason, ...(call.begun && { begun: true }) });
  }

  private settle(call: QueuedCall, end: CallEnd): void {
    clearTimeout(call.deadline);
    clearTimeout(call.patience);
    call.end(end);
  }
}
