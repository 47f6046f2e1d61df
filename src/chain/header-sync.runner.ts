import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { HeaderSource, HttpClient } from '#ports';
import { DataSource, type QueryRunner } from 'typeorm';
import { CONFIG } from '../config';
import type { Config } from '../config';
import { HTTP_CLIENT } from '../egress';
import { Log, withSpan } from '../telemetry';
import { findChainRoot } from './chain-root';
import { createSources } from './create-sources';
import { followSource, plantGenesis, type SourceReport } from './follow-source';
import { HeaderStore } from './header-store';

const DEVNET_POLL_MS = 500;
const POLL_MS = 15_000;
const DEVNET_BACKOFF_MAX_MS = 4_000;
const BACKOFF_MAX_MS = 60_000;
/** Of the replica that syncs: taken for one round at a time, freed by PostgreSQL when its connection dies. */
const SYNC_LOCK = 7_470_948_352;

/** Follows the header sources. Every relay replica runs it; the lock lets one at a time do the work. */
@Injectable()
export class HeaderSyncRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** Of the last round that this replica did; empty on the others. */
  reports: readonly SourceReport[] = [];
  readonly #store: HeaderStore;
  readonly #sources: readonly HeaderSource[];
  readonly #pollMs: number;
  readonly #backoffMaxMs: number;
  readonly #stop = new AbortController();
  #failures = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(HTTP_CLIENT) http: HttpClient,
    @Inject(Log) private readonly log: Log,
  ) {
    this.#sources = createSources(http, config);
    this.#pollMs = config.network === 'devnet' ? DEVNET_POLL_MS : POLL_MS;
    this.#backoffMaxMs = config.network === 'devnet' ? DEVNET_BACKOFF_MAX_MS : BACKOFF_MAX_MS;
    this.#store = new HeaderStore(database, config.network, findChainRoot(config.network, config.checkpoint));
  }

  /** The first round is waited for, so that a gateway that is ready knows the chain; a source that is down does not hold up the start. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.config.role === 'api') return;
    if (this.#sources.length === 0) this.log.write('warn', 'no header source is configured; the chain stands still');
    await this.#round();
    this.#loop = this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#pause(Math.min(this.#backoffMaxMs, this.#pollMs * 2 ** Math.min(this.#failures, 8)));
      if (this.#stop.signal.aborted) return;
      await this.#round();
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#stop.signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, delayMs * (0.9 + Math.random() * 0.2));
      this.#stop.signal.addEventListener('abort', wake);
    });
  }

  /** A database fault ends the round, is logged and tried again: the loop outlives an outage. */
  async #round(): Promise<void> {
    const runner = this.database.createQueryRunner();
    try {
      const ours = await this.#lock(runner);
      if (ours) await withSpan('chain.follow', { sources: this.#sources.length }, () => this.#follow());
      // A replica that waits for the lock keeps asking at full pace, to take over at once.
      const useful = !ours || this.reports.some(({ verdict }) => verdict === 'agrees');
      this.#failures = useful ? 0 : this.#failures + 1;
    } catch (cause) {
      this.#failures += 1;
      if (!this.#stop.signal.aborted) this.log.write('error', 'following the chain failed', { error: cause });
    } finally {
      await this.#unlock(runner);
    }
  }

  async #lock(runner: QueryRunner): Promise<boolean> {
    const rows = (await runner.query('select pg_try_advisory_lock($1) as taken', [SYNC_LOCK])) as { taken: boolean }[];
    const taken = rows[0]?.taken === true;
    if (!taken) this.reports = [];
    return taken;
  }

  async #unlock(runner: QueryRunner): Promise<void> {
    try {
      await runner.query('select pg_advisory_unlock($1)', [SYNC_LOCK]);
    } catch {
      // The connection is gone, and the lock with it.
    }
    await runner.release();
  }

  async #follow(): Promise<void> {
    await plantGenesis(this.#store);
    const reports: SourceReport[] = [];
    for (const source of this.#sources) {
      if (this.#stop.signal.aborted) return;
      reports.push(await followSource(source, this.#store, this.#stop.signal));
    }
    for (const report of reports) this.#tell(report);
    this.reports = reports;
  }

  /** Says what changed, not what is. */
  #tell(report: SourceReport): void {
    const { source, verdict, detail, orphaned } = report;
    if (orphaned.length > 0)
      this.log.write('warn', 'the chain was reorganised', { source, depth: orphaned.length, orphaned });
    const before = this.reports.find((other) => other.source === source)?.verdict;
    if (before === verdict || this.#stop.signal.aborted) return;
    const level = verdict === 'agrees' ? 'info' : 'warn';
    this.log.write(level, `header source ${verdict}`, { source, detail });
  }
}
