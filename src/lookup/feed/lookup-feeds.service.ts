import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { accept, reject, type Result } from '#atomic-core';
import { findEventTip, findFeed, isBeingRebuilt } from '#ledger';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../../config';
import { NotificationListener } from '../../database';
import { Log, Metrics } from '../../telemetry';
import { HostedTopics, type ServiceLookup } from '../../topics';
import { ProcessCursor, StoredCursor, feedNameOf } from './feed-cursor';
import { leaseMsOf } from './lease-ms';
import { LookupFeed } from './lookup-feed.runner';

/** How far one service has come, as this process sees it. */
export interface FeedProgress {
  readonly service: string;
  readonly position: number;
  readonly behind: number;
  readonly failures: number;
  /** It knows less than it once did, and what it says is not answered yet. */
  readonly isRebuilding: boolean;
}

interface Fed {
  readonly lookup: ServiceLookup;
  readonly feed: LookupFeed;
  /** Undefined: the cursor is in the database. */
  readonly cursor: ProcessCursor | undefined;
  /** The thread that was told all there was at some moment of its life. */
  completeLife: number;
}

/** Feeds every hosted lookup service of this process, and knows whether what one says may be answered. */
@Injectable()
export class LookupFeeds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly fed: ReadonlyMap<string, Fed>;
  private unsubscribe: () => void = () => undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(HostedTopics) topics: HostedTopics,
    @Inject(NotificationListener) private readonly listener: NotificationListener,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    const count = metrics.counter('lookup_notices', 'What hosted lookup services were told');
    this.fed = new Map(
      topics.lookupNames.flatMap((name) => {
        const lookup = topics.findLookup(name);
        return lookup.ok && lookup.value.kind === 'service' ? [[name, this.openFeed(lookup.value, count)]] : [];
      }),
    );
  }

  onApplicationBootstrap(): void {
    for (const service of this.fed.keys()) {
      const read = async (value: (progress: FeedProgress) => number): Promise<number> =>
        value(await this.measure(service));
      const behind = 'Audit leaves from the last event that a lookup service was told to the last event';
      this.metrics.gauge('lookup_behind', behind, () => read((progress) => progress.behind), { service });
      const failing = 'Tries in a row at telling a lookup service that failed';
      this.metrics.gauge('lookup_failures', failing, () => read((progress) => progress.failures), { service });
    }
    if (this.fed.size === 0) return;
    this.unsubscribe = this.listener.subscribe('portcullis_events', () => {
      for (const { feed } of this.fed.values()) feed.wake();
    });
    for (const { feed } of this.fed.values()) feed.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    await Promise.all([...this.fed.values()].map(({ feed }) => feed.stop()));
  }

  listProgress(): Promise<FeedProgress[]> {
    return Promise.all([...this.fed.keys()].map((service) => this.measure(service)));
  }

  /**
   * The last event that the service was told. Refused while it knows less than it once did: what it says then looks whole and is not. A service that is
   * merely late is answered from.
   */
  async findToldPosition(service: string): Promise<Result<number>> {
    const { position, isRebuilding } = await this.findPlace(service);
    return isRebuilding ? reject('lookup-failed', `${service} is being told what the ledger holds`) : accept(position);
  }

  private async measure(service: string): Promise<FeedProgress> {
    const tip = await findEventTip(this.database);
    const { position, failures, isRebuilding } = await this.findPlace(service);
    return { service, position, behind: Math.max(0, tip - position), failures, isRebuilding };
  }

  private async findPlace(service: string): Promise<Pick<FeedProgress, 'position' | 'failures' | 'isRebuilding'>> {
    const { lookup, cursor, completeLife } = this.find(service);
    if (cursor !== undefined) {
      const { position, failuresInARow: failures } = cursor;
      return { position, failures, isRebuilding: completeLife !== lookup.life };
    }
    const stored = await findFeed(this.database, feedNameOf(service));
    if (stored === undefined) return { position: -1, failures: 0, isRebuilding: true };
    return { position: stored.position, failures: stored.failures, isRebuilding: isBeingRebuilt(stored) };
  }

  private find(service: string): Fed {
    const fed = this.fed.get(service);
    if (fed === undefined) throw new Error(`${service} is no hosted lookup service.`);
    return fed;
  }

  private openFeed(lookup: ServiceLookup, count: (amount: number, labels: Record<string, string>) => void): Fed {
    const { name: service } = lookup;
    const stored = new StoredCursor(this.database, service, leaseMsOf(this.config));
    const cursor = lookup.storage === 'own' ? undefined : new ProcessCursor(lookup);
    const feed = new LookupFeed({
      database: this.database,
      lookup,
      cursor: cursor ?? stored,
      log: this.log,
      pollMs: this.config.relayPollMs,
      onTold: (kind) => count(1, { service, kind }),
      onCaughtUp: () => {
        fed.completeLife = cursor?.toldLife ?? 0;
      },
    });
    const fed: Fed = { lookup, feed, cursor, completeLife: 0 };
    return fed;
  }
}
