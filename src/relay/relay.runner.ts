import { finalise, hastenProofs, listDueOutboxRows } from '#ledger';
import type { RelayContext } from './relay-context';
import type { RelayOptions } from './relay-options';
import { OverlookedRows } from './overlooked-rows';
import { WakeQueue } from './wake-queue';
import { workRow } from './work-row';

/** Due rows woken in one tick. A longer backlog is taken oldest first, a tick at a time. */
const TICK_ROWS_MAX = 500;
/** What waits for a block is asked about within this time of one. */
const BLOCK_POLLS_MS = 2_000;
/** After work under way was cut off, its rows are still given back. */
const GIVING_BACK_MS = 2_000;

/**
 * One relay. A tick reads due rows from the outbox and wakes workers; workers lease and work them. The outbox table is the truth: queue, NOTIFY and
 * tick may each fail, repeat or double without a row being lost or handled by two.
 */
export class RelayRunner {
  readonly #queue: WakeQueue;
  readonly #context: RelayContext;
  readonly #stop = new AbortController();
  readonly #overlooked = new OverlookedRows((id) => this.#work(id));
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #finalisedTip = '';

  constructor(
    context: Omit<RelayContext, 'stopping'>,
    private readonly options: RelayOptions,
  ) {
    this.#context = { ...context, stopping: this.#stop.signal };
    const onError = (error: Error): void => this.#report('the relay lost a connection', error);
    this.#queue = new WakeQueue({ ...options, onError });
  }

  async start(): Promise<void> {
    await this.#queue.open((id) => this.#work(id));
    this.#unsubscribe = this.options.notifications.subscribe('portcullis_outbox', () => this.wake());
    this.wake();
  }

  /** Ticks now, or once more when a tick is under way. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#ticking !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#ticking = this.#tick().finally(() => {
      this.#ticking = undefined;
      if (this.#stopped) return;
      const again = this.#again;
      this.#again = false;
      if (again) this.wake();
      else this.#timer = setTimeout(() => this.wake(), this.#context.pollMs);
    });
  }

  /** Work under way finishes within `drainMs` or is cut off; its rows are due again at once for whoever comes next. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    const cutOff = setTimeout(() => this.#stop.abort(), this.options.drainMs);
    try {
      this.#unsubscribe?.();
      await this.#ticking;
      await Promise.all([this.#overlooked.finish(), this.#queue.close(this.options.drainMs + GIVING_BACK_MS)]);
    } finally {
      clearTimeout(cutOff);
      this.#stop.abort();
    }
  }

  async #tick(): Promise<void> {
    try {
      const due = await listDueOutboxRows(this.#context.database, TICK_ROWS_MAX);
      this.#overlooked.look(due.map(({ id }) => id));
      await this.#queue.wake(due);
      await this.#finalise();
    } catch (error) {
      // The next tick tries again; readiness shows a backlog that grows.
      this.#report('a relay tick failed', error);
    }
  }

  async #work(id: string): Promise<void> {
    const worked = await workRow(this.#context, id);
    // A broadcast that was accepted has just filed its poll row; nobody else will say so.
    if (worked?.outcome.kind === 'done' && worked.outcome.pollProof) this.wake();
  }

  async #finalise(): Promise<void> {
    const tip = await this.options.chainTracker.findTip();
    if (tip === undefined || tip.hash === this.#finalisedTip) return;
    const moved = await finalise(this.#context.database, tip.height, this.options.finalDepth);
    for (let count = 0; count < moved; count += 1) this.#context.metrics.countSettlement('final');
    await hastenProofs(this.#context.database, BLOCK_POLLS_MS);
    this.#finalisedTip = tip.hash;
  }

  #report(message: string, error: unknown): void {
    if (!this.#stopped) this.#context.log.write('error', message, { error });
  }
}
