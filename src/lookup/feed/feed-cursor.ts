import type { Database } from '#ledger';
import {
  advanceFeed,
  beginDelivery,
  claimFeed,
  deferFeed,
  findEventTip,
  findFeed,
  openFeed,
  releaseFeed,
  turnRebuild,
  type FeedLease,
} from '#ledger';

/** How far a service has been told. */
export interface FeedPlace {
  /** Of the last event that was told whole; -1 before the first. */
  readonly position: number;
  /** Steps of the next position that were told. */
  readonly step: number;
  /** The next step was begun, and whether it was heard is not known. */
  readonly underWay: boolean;
  /** A rebuild withdraws everything first, before the first event is told again. */
  readonly isSweeping: boolean;
  /** Tries in a row that failed. */
  readonly failures: number;
}

/** Another process feeds by now, or the feed was reset: whoever hears this says nothing more and claims again. */
export class FeedLostError extends Error {
  override readonly name = 'FeedLostError';
}

export interface FeedCursor {
  /** Undefined when it is not for us to feed now. */
  claim(): Promise<FeedPlace | undefined>;
  /** MUST be called before each notice: all steps before `step` are told. */
  begin(step: number): Promise<void>;
  advance(place: { readonly position: number; readonly step: number }): Promise<void>;
  /** Whether the service may have heard this step before, though nobody recorded that it was begun. */
  isDoubted(position: number, step: number): boolean;
  /** All is withdrawn. */
  turn(): Promise<void>;
  defer(delayMs: number, reason: string): Promise<void>;
  release(): Promise<void>;
}

export const feedNameOf = (service: string): string => `lookup:${service}`;

/** One for all processes, in the database: of a service whose storage they share. */
export class StoredCursor implements FeedCursor {
  private lease: FeedLease | undefined;
  private isOpen = false;

  constructor(
    private readonly database: Database,
    private readonly service: string,
    private readonly leaseMs: number,
  ) {}

  async claim(): Promise<FeedPlace | undefined> {
    const name = feedNameOf(this.service);
    if (!this.isOpen) await openFeed(this.database, { name, kind: 'lookup' });
    this.isOpen = true;
    if (await this.hasNothingToTell(name)) return undefined;
    this.lease = await claimFeed(this.database, name, this.leaseMs);
    if (this.lease === undefined) return undefined;
    const { position, step, underWay, failures, state } = this.lease;
    return { position, step, underWay, failures, isSweeping: state === 'rebuilding' };
  }

  async begin(step: number): Promise<void> {
    this.keep(await beginDelivery(this.database, this.held(), step));
  }

  async advance(place: { readonly position: number; readonly step: number }): Promise<void> {
    this.keep(await advanceFeed(this.database, this.held(), place));
  }

  isDoubted(): boolean {
    return false;
  }

  async turn(): Promise<void> {
    this.keep(await turnRebuild(this.database, this.held()));
  }

  async defer(delayMs: number, reason: string): Promise<void> {
    await deferFeed(this.database, this.held(), delayMs, reason);
  }

  async release(): Promise<void> {
    await releaseFeed(this.database, this.held());
  }

  /** Reading costs less than a claim that nothing comes of, and every process looks once a second. */
  private async hasNothingToTell(name: string): Promise<boolean> {
    const feed = await findFeed(this.database, name);
    return feed?.state === 'running' && feed.position >= (await findEventTip(this.database));
  }

  private held(): FeedLease {
    if (this.lease === undefined) throw new FeedLostError(`${this.service} is not claimed`);
    return this.lease;
  }

  private keep(isHeld: boolean): void {
    if (!isHeld) throw new FeedLostError(`${this.service} is fed by another`);
  }
}

const FIRST = { position: -1, step: 0 };

/** In this process alone: of a service that forgets with its thread what it was told. Each new thread is told from the first event. */
export class ProcessCursor implements FeedCursor {
  private place = FIRST;
  private underWay = false;
  private failures = 0;
  private retryAt = 0;
  /** The thread that was told up to `place`. */
  private life: number | undefined;
  /** What was under way when a thread was replaced: the new one may have heard that and nothing before it. */
  private doubt: { readonly position: number; readonly step: number } | undefined;

  constructor(
    private readonly lookup: { readonly name: string; readonly life: number },
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether its thread is the one that was told up to here. */
  get position(): number {
    return this.life === this.lookup.life ? this.place.position : -1;
  }

  get toldLife(): number | undefined {
    return this.life;
  }

  get failuresInARow(): number {
    return this.failures;
  }

  claim(): Promise<FeedPlace | undefined> {
    if (this.now() < this.retryAt) return Promise.resolve(undefined);
    if (this.life !== this.lookup.life) {
      this.doubt = this.underWay ? this.place : undefined;
      this.life = this.lookup.life;
      this.place = FIRST;
      this.underWay = false;
    }
    const { place, underWay, failures } = this;
    return Promise.resolve({ ...place, underWay, failures, isSweeping: false });
  }

  async begin(step: number): Promise<void> {
    this.checkLife();
    this.place = { ...this.place, step };
    this.underWay = true;
    return Promise.resolve();
  }

  async advance(place: { readonly position: number; readonly step: number }): Promise<void> {
    this.checkLife();
    this.place = place;
    this.underWay = false;
    this.failures = 0;
    return Promise.resolve();
  }

  isDoubted(position: number, step: number): boolean {
    return this.doubt?.position === position && this.doubt.step === step;
  }

  turn(): Promise<void> {
    return Promise.resolve();
  }

  defer(delayMs: number): Promise<void> {
    this.failures += 1;
    this.retryAt = this.now() + delayMs;
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  private checkLife(): void {
    if (this.life !== this.lookup.life) throw new FeedLostError(`${this.lookup.name} has a new thread`);
  }
}
