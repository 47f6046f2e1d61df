import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, reject, type Result } from '#atomic-core';
import { listTopicEvents } from '#ledger';
import { CONFIG, type Config } from '../config';
import { NotificationListener } from '../database';
import { Log, Metrics } from '../telemetry';
import { EventPages } from './event-pages';
import { EventStream } from './event-stream';
import { RepeatedLook } from './repeated-look';
import { StreamRights, type RightsLook, type StreamRight } from './stream-rights.service';
import type { EventFormat } from './write-event';

/** Events of one read. Each may name thousands of outputs, and each stream may hold a page. */
const PAGE_EVENTS = 32;
/** Reads of all streams at once. */
const READS_MAX = 4;
/** COMMITs that come closer together than this are looked at together. */
const GATHER_MS = 10;
/** A look without a notification: what was committed while the listening connection was away. */
const TICK_MS = 1_000;
/** Below the idle time of common proxies. */
const BEAT_MS = 15_000;
/** After this a subscriber shows again who it is, here or at another replica; it resumes where it stood. */
const STREAM_MS_MAX = 3_600_000;
/** No organisation may take more than one part in so many of the streams, nor all those together who belong to none: their keys cost nothing. */
const SHARES = 4;

export interface Subscription {
  readonly topic: string;
  /** Undefined for whoever belongs to none that the operator named. */
  readonly organisation: string | undefined;
  /** Of the subscriber: the stream ends with it. */
  readonly right: StreamRight;
  readonly after: number;
  /** Aborted when a stop begins. */
  readonly draining: AbortSignal;
  readonly format: EventFormat;
}

/** The event streams that this process keeps open. */
@Injectable()
export class EventStreams implements OnApplicationShutdown {
  readonly #streams = new Map<EventStream, Pick<Subscription, 'organisation' | 'right'> & { openedAt: number }>();
  readonly #pages: EventPages;
  readonly #max: number;
  readonly #ends: (() => void)[] = [];
  /** A stream is opened with one request and read for an hour: who may not come any more reads no further. */
  readonly #sessions: RepeatedLook;
  /** Apart from them, since a policy may rest on what others say of a revocation, and they take their time. */
  readonly #policies: RepeatedLook;
  #gathering: NodeJS.Timeout | undefined;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(DataSource) database: DataSource,
    @Inject(NotificationListener) private readonly notifications: NotificationListener,
    @Inject(StreamRights) rights: StreamRights,
    @Inject(Log) log: Log,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.#max = config.eventStreamsMax;
    this.#pages = new EventPages(async (topic, after) => {
      try {
        return await listTopicEvents(database, { topic, after, limit: PAGE_EVENTS });
      } catch (error) {
        log.write('warn', 'events could not be read', { error });
        throw error;
      }
    }, READS_MAX);
    const tell = (error: unknown): void => log.write('warn', 'the rights of streams could not be read', { error });
    this.#policies = new RepeatedLook((isCalled) => rights.endUnpermitted(this.#describeLook(isCalled)), tell);
    this.#sessions = new RepeatedLook(async (isCalled) => {
      await rights.endSessions(this.#describeLook(isCalled));
      // After them: of two reasons the session is the plainer one.
      if (isCalled) this.#policies.call();
      else this.#policies.go();
    }, tell);
    metrics.gauge('event_streams', 'Event streams that are open', () => this.#streams.size);
  }

  open({ topic, organisation, right, after, draining, format }: Subscription): Result<EventStream> {
    const own = [...this.#streams.values()].filter((other) => other.organisation === organisation).length;
    if (this.#streams.size >= this.#max) return reject('subscriptions-busy');
    if (own >= Math.ceil(this.#max / SHARES))
      return reject(
        'subscriptions-busy',
        organisation === undefined
          ? 'Those who belong to no organisation have as many streams here as they may have together.'
          : 'Your organisation has as many streams here as it may have.',
      );
    if (draining.aborted) return reject('shutting-down');
    this.#watch(draining);
    const stream = new EventStream({
      topic,
      ...{ after, format },
      readPage: (name, position) => this.#pages.read(name, position),
    });
    this.#streams.set(stream, { organisation, right, openedAt: performance.now() });
    // Also when the subscriber is gone: its connection takes the stream with it.
    stream.once('close', () => this.#streams.delete(stream));
    return accept(stream);
  }

  onApplicationShutdown(): void {
    for (const end of this.#ends) end();
    clearTimeout(this.#gathering);
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** From the first stream on. */
  #watch(draining: AbortSignal): void {
    if (this.#ends.length > 0) return;
    // One for all: the door waits for what is open, and a stream would never end by itself.
    draining.addEventListener('abort', () => {
      for (const stream of this.#streams.keys()) stream.finish({ kind: 'going', reason: 'this gateway is stopping' });
    });
    this.#ends.push(
      this.notifications.subscribe('portcullis_events', () => {
        this.#gathering ??= setTimeout(() => this.#wake(), GATHER_MS).unref();
      }),
      this.notifications.subscribe('portcullis_revocations', () => {
        this.#sessions.call();
      }),
    );
    this.#timers.push(
      setInterval(() => this.#wake(), TICK_MS).unref(),
      setInterval(() => this.#sessions.go(), TICK_MS).unref(),
      setInterval(() => this.#beat(), BEAT_MS).unref(),
    );
  }

  #wake(): void {
    this.#gathering = undefined;
    this.#pages.renew();
    for (const stream of this.#streams.keys()) stream.wake();
  }

  #describeLook(isCalled: boolean): RightsLook {
    const streams = new Map([...this.#streams].map(([stream, { right }]) => [right, stream]));
    const end = (right: StreamRight, reason: string): void => streams.get(right)?.finish({ kind: 'over', reason });
    return { rights: [...streams.keys()], isCalled, end };
  }

  #beat(): void {
    const oldest = performance.now() - STREAM_MS_MAX;
    for (const [stream, { openedAt }] of this.#streams) {
      if (openedAt < oldest) stream.finish({ kind: 'going', reason: 'resume, please' });
      else stream.beat();
    }
  }
}
