import { CallQueue, type CallEnd, type QueuedCall } from './call-queue';
import { ThreadLife } from './thread-life';
import type { ExtensionTraits, LoadOrder, ThreadCall, ThreadReport } from './thread-message';

export interface ThreadSettings {
  /** The configured name, `tm_…` or `ls_…`. */
  readonly name: string;
  readonly load: LoadOrder;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** A line that the extension printed. */
  readonly onLine: (line: string) => void;
  /** Its thread ended and another takes its place. */
  readonly onReplaced: (reason: string) => void;
}

/** Loading an SDK takes half a second on a busy machine; a module that works longer than this at its import is not a topic. */
export const LOAD_MS = 20_000;
/** A thread whose loop turns answers this within microseconds. */
const PING_MS = 100;
const RESTART_DELAY_MS = 200;
const RESTART_DELAY_MS_MAX = 30_000;
const MEMORY_LOOK_MS = 50;
/** The process may grow for other reasons meanwhile; twice the limit of the thread and this much more is none of them. */
const GROWTH_SLACK_BYTES = 256 * 1024 * 1024;

const STOPPING = 'this gateway is stopping';
const OUTGROWN = 'it outgrew its memory';

/** The module could not be loaded at the start; the message is the reason. */
export class UnloadableError extends Error {
  override readonly name = 'UnloadableError';
}

/** The host of one extension: its thread, whoever waits for it, and its replacement when it hangs, dies or floods. */
export class ExtensionThread {
  private current: ThreadLife | undefined;
  private readonly queue: CallQueue;
  private known: ExtensionTraits | undefined;
  private isReady = false;
  private failedStarts = 0;
  private started = 0;
  private stopped = false;
  private loadTimer: NodeJS.Timeout | undefined;
  private restart: NodeJS.Timeout | undefined;
  private memoryTimer: NodeJS.Timeout | undefined;
  private pong: (() => void) | undefined;
  private opening: { readonly done: () => void; readonly fail: (error: Error) => void } | undefined;
  private blamed: QueuedCall | undefined;

  private constructor(private readonly settings: ThreadSettings) {
    this.queue = new CallQueue({
      timeoutMs: settings.timeoutMs,
      send: (id, call) => this.current?.send({ is: 'call', id, call }),
      onOverdue: (call) => void this.examine(call),
    });
  }

  /** Throws an UnloadableError where the module is not what it should be. */
  static async open(settings: ThreadSettings): Promise<ExtensionThread> {
    const thread = new ExtensionThread(settings);
    const loaded = new Promise<void>((done, fail) => (thread.opening = { done, fail }));
    thread.start();
    try {
      await loaded;
    } catch (error) {
      await thread.close();
      throw error;
    }
    return thread;
  }

  /** As the extension was loaded at the start. */
  get traits(): ExtensionTraits {
    if (this.known === undefined) throw new Error(`${this.settings.name} is asked for its traits before it is loaded.`);
    return this.known;
  }

  /** Which thread this is, counted from 1: what an extension had in memory is gone with each of them. */
  get life(): number {
    return this.started;
  }

  /** It ended and could not be brought back so far. */
  get isDown(): boolean {
    return !this.isReady && this.failedStarts > 0;
  }

  run(call: ThreadCall): Promise<CallEnd> {
    const turnAway = (reason: string): Promise<CallEnd> => Promise.resolve({ kind: 'unavailable', reason });
    if (this.stopped) return turnAway(STOPPING);
    if (this.isDown) return turnAway('its thread cannot be brought back');
    const ended = this.queue.enter(call);
    this.watchGrowth();
    return ended;
  }

  forget(selectors: readonly number[]): void {
    if (this.isReady) this.current?.send({ is: 'forget', selectors });
  }

  async close(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.loadTimer);
    clearTimeout(this.restart);
    clearInterval(this.memoryTimer);
    this.queue.clear(STOPPING);
    await this.current?.end(STOPPING);
  }

  private start(): void {
    const { name, load, memoryMb, onLine } = this.settings;
    this.started += 1;
    const life: ThreadLife = new ThreadLife({
      ...{ name, load, memoryMb, onLine },
      onReport: (report) => this.receive(report),
      onEnd: (reason) => this.replace(reason),
    });
    this.current = life;
    this.loadTimer = setTimeout(() => void life.end(`it was not loaded within ${LOAD_MS / 1_000} s`), LOAD_MS);
  }

  private receive(report: ThreadReport): void {
    if (report.is === 'began') return this.queue.began(report.id);
    if (report.is === 'answered') return this.queue.finish(report.id, { kind: 'answered', value: report.value });
    if (report.is === 'failed') return this.queue.finish(report.id, { kind: 'failed', reason: report.reason });
    if (report.is === 'pong') return this.pong?.();
    if (report.is === 'outgrown') return void this.current?.end(OUTGROWN);
    clearTimeout(this.loadTimer);
    if (report.is === 'unloadable') return void this.current?.end(report.reason);
    this.known ??= report.traits;
    this.isReady = true;
    this.failedStarts = 0;
    this.opening?.done();
    this.opening = undefined;
    this.queue.resume();
  }

  /** It had its time. Where the loop of its thread still turns, the call itself hangs; where it stands, whatever was begun last holds it up. */
  private async examine(overdue: QueuedCall): Promise<void> {
    const life = this.current;
    const turns = await this.ping();
    if (this.current !== life || !this.isReady) return;
    const blamed = turns ? overdue : this.queue.listBegun().at(-1);
    // It answered, or only now came to its turn, while the thread was asked.
    if (turns && !this.queue.isInHand(overdue)) return this.queue.arm(overdue);
    this.blamed = blamed;
    await life?.end(`it did not answer within ${this.settings.timeoutMs} ms`);
  }

  private ping(): Promise<boolean> {
    return new Promise((resolve) => {
      const silent = setTimeout(() => setImmediate(resolve, false), PING_MS);
      const earlier = this.pong;
      this.pong = () => {
        clearTimeout(silent);
        resolve(true);
        earlier?.();
      };
      this.current?.send({ is: 'ping' });
    });
  }

  private replace(reason: string): void {
    const wasReady = this.isReady;
    // A death outside of any call is not a caller's doing, and comes again at its own pace.
    const isOwnFault = !wasReady || this.queue.isIdle;
    this.isReady = false;
    this.current = undefined;
    this.pong = undefined;
    clearTimeout(this.loadTimer);
    if (this.opening !== undefined) return this.opening.fail(new UnloadableError(reason));
    const begun = this.queue.listBegun();
    this.queue.suspend(reason, this.blamed ?? (begun.length === 1 ? begun[0] : undefined));
    this.blamed = undefined;
    if (this.stopped) return;
    this.settings.onReplaced(reason);
    this.failedStarts = isOwnFault ? this.failedStarts + 1 : 0;
    if (this.failedStarts === 0) return this.start();
    const delayMs = Math.min(RESTART_DELAY_MS * 2 ** this.failedStarts, RESTART_DELAY_MS_MAX);
    this.restart = setTimeout(() => this.start(), delayMs);
    this.restart.unref();
  }

  /** A thread that fills buffers in one long loop is limited by nobody, and watched from here while it has work. */
  private watchGrowth(): void {
    if (this.memoryTimer !== undefined) return;
    const bytesMax = this.settings.memoryMb * 2 * 1024 * 1024 + GROWTH_SLACK_BYTES;
    let before = { bytes: process.memoryUsage.rss(), at: performance.now() };
    this.memoryTimer = setInterval(() => {
      const now = { bytes: process.memoryUsage.rss(), at: performance.now() };
      if (this.queue.isIdle) {
        clearInterval(this.memoryTimer);
        this.memoryTimer = undefined;
      } else if (now.bytes - before.bytes > bytesMax) {
        void this.endIfBlocked();
      } else if (now.at - before.at > this.settings.timeoutMs) {
        // Slower than this the rest of the process may grow as well, and the time limit ends a loop anyway.
        before = now;
      }
    }, MEMORY_LOOK_MS);
    this.memoryTimer.unref();
  }

  private async endIfBlocked(): Promise<void> {
    const life = this.current;
    const turns = await this.ping();
    if (turns || this.current !== life || !this.isReady) return;
    this.blamed = this.queue.listBegun().at(-1);
    await life?.end(OUTGROWN);
  }
}
