import { limits } from '#atomic-core';
import { listTopicEvents, type Database, type TopicEvent } from '#ledger';
import type { Log } from '../../telemetry';
import type { LookupNotice, ServiceLookup } from '../../topics';
import { FeedLostError, type FeedCursor, type FeedPlace } from './feed-cursor';
import { listSteps } from './list-steps';
import { NotProvableError } from './write-notice';
import { StepWriter } from './write-step';

const PAGE_EVENTS = Math.min(200, limits.TOPIC_EVENTS_MAX);
/** How long telling goes on before it says how far it came, where it can be said again without harm. */
const RECORD_EVERY_MS = 500;
const RETRY_FIRST_MS = 250;
/** A service that is back is not left waiting for long. */
const RETRY_MAX_MS = 15_000;
/** A proof comes with a block, or with the next poll for it. */
const PROOF_WAIT_MS = 5_000;
const DOUBLINGS_MAX = 10;
const REASON_CHARS_MAX = 300;

const retryDelayMs = (failures: number): number =>
  Math.ceil(
    (0.5 + Math.random() / 2) * Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(DOUBLINGS_MAX, failures)),
  );

/** The service threw, hung or died over a notice. It may have taken it. */
class NotTakenError extends Error {
  override readonly name = 'NotTakenError';
}

export interface FeedOrder {
  readonly database: Database;
  readonly lookup: Pick<ServiceLookup, 'name' | 'admissionMode' | 'spendNotificationMode' | 'tell'>;
  readonly cursor: FeedCursor;
  readonly log: Pick<Log, 'write'>;
  /** Between two looks at the events when nobody wakes it. */
  readonly pollMs: number;
  readonly onTold?: (kind: string) => void;
  /** It is told all there is. */
  readonly onCaughtUp?: () => void;
}

/**
 * Tells one lookup service what happens in all topics, in the order of COMMITs, one notice after another. What the service did not take is told again until
 * it does: nothing is left out, nothing overtakes. A service that is down holds up itself alone.
 */
export class LookupFeed {
  private readonly writer: StepWriter;
  private stopping = false;
  private isWoken = false;
  private wakeUp: (() => void) | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly order: FeedOrder) {
    this.writer = new StepWriter(order.database, order.lookup);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** There may be more to tell. */
  wake(): void {
    this.isWoken = true;
    this.wakeUp?.();
  }

  /** The notice under way is waited for; the rest is for whoever comes next. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp?.();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.isWoken = false;
      try {
        const place = await this.order.cursor.claim();
        if (place !== undefined) await this.feed(place);
      } catch (error) {
        // The database is away, or a fault of ours: said once a pause, tried again until it goes.
        this.report('error', 'a lookup service cannot be fed', error);
        this.isWoken = false;
      }
      await this.rest();
    }
  }

  private rest(): Promise<void> {
    if (this.isWoken || this.stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.order.pollMs);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async feed(place: FeedPlace): Promise<void> {
    const { cursor } = this.order;
    try {
      await this.tellAll(place);
      await cursor.release();
    } catch (error) {
      if (error instanceof FeedLostError) return this.wake();
      const isUnproven = error instanceof NotProvableError;
      const delayMs = isUnproven ? PROOF_WAIT_MS : retryDelayMs(place.failures);
      this.report('warn', isUnproven ? 'a lookup service waits for a proof' : 'a lookup service failed', error);
      await cursor.defer(delayMs, sayReason(error));
    }
  }

  private async tellAll(from: FeedPlace): Promise<void> {
    let { position, step, underWay, isSweeping } = from;
    while (!this.stopping) {
      const events = await listTopicEvents(this.order.database, { after: position, limit: PAGE_EVENTS });
      if (isSweeping) {
        if (!(await this.sweep(events))) return;
        isSweeping = events.length > 0;
        position = isSweeping ? lastPosition(events) : -1;
        continue;
      }
      if (events.length === 0) return this.order.onCaughtUp?.();
      for (const together of groupByPosition(events)) {
        if (!(await this.tellTogether(together, { position, step, underWay }))) return;
        position = lastPosition(together);
        step = 0;
        underWay = false;
      }
    }
  }

  /** The events of one COMMIT, from a step on. False: stopped before their end. */
  private async tellTogether(
    events: readonly TopicEvent[],
    from: Pick<FeedPlace, 'position' | 'step' | 'underWay'>,
  ): Promise<boolean> {
    const { cursor } = this.order;
    const position = lastPosition(events);
    for (const [number, step] of listSteps(events).entries()) {
      if (number < from.step) continue;
      if (this.stopping) {
        if (number > from.step) await cursor.advance({ position: from.position, step: number });
        return false;
      }
      const isRepeated = (from.underWay && number === from.step) || cursor.isDoubted(position, number);
      for await (const notice of this.writer.write(step, isRepeated)) {
        await cursor.begin(number);
        await this.tell(notice);
      }
    }
    await cursor.advance({ position, step: 0 });
    return true;
  }

  /** Withdraws whatever these events admitted; after the last of all, turns to telling. Withdrawing twice does no harm, so it is recorded now and then. */
  private async sweep(events: readonly TopicEvent[]): Promise<boolean> {
    const { cursor } = this.order;
    let recordedAt = performance.now();
    for (const { kind, txid, admitted, position } of events) {
      if (this.stopping) return false;
      for (const outputIndex of kind === 'applied' ? admitted : []) {
        await this.tell({ kind: 'evicted', txid, outputIndex });
      }
      if (performance.now() - recordedAt < RECORD_EVERY_MS) continue;
      await cursor.advance({ position: position - 1, step: 0 });
      recordedAt = performance.now();
    }
    if (events.length === 0) await cursor.turn();
    else await cursor.advance({ position: lastPosition(events), step: 0 });
    return true;
  }

  private async tell(notice: LookupNotice): Promise<void> {
    const { lookup, onTold } = this.order;
    const told = await lookup.tell(notice);
    if (!told.ok) throw new NotTakenError(told.reason);
    onTold?.(notice.kind);
  }

  private report(level: 'warn' | 'error', message: string, error: unknown): void {
    this.order.log.write(level, message, { service: this.order.lookup.name, error });
  }
}

/** Kept in a row and shown by a command: one line that can be stored. */
const sayReason = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  // Half a surrogate pair is text to JavaScript alone.
  return Buffer.from(text.replace(/\p{Cc}+/gu, ' ').slice(0, REASON_CHARS_MAX)).toString();
};

const lastPosition = (events: readonly TopicEvent[]): number => events.at(-1)?.position ?? -1;

/** Events of one position belong to one COMMIT. */
function groupByPosition(events: readonly TopicEvent[]): TopicEvent[][] {
  const groups: TopicEvent[][] = [];
  for (const event of events) {
    const last = groups.at(-1);
    if (last !== undefined && lastPosition(last) === event.position) last.push(event);
    else groups.push([event]);
  }
  return groups;
}
