import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { pruneQuotes } from '#ledger';
import { Log } from '../telemetry';

const PAUSE_MS = 30_000;
const BATCH = 1_000;
/** More unpaid terms than this wait for the next round, so that pruning never holds the database. */
const BATCHES_MAX = 20;

/** Forgets terms that nobody paid. Safe on every replica at once: rows that another one holds are skipped. */
@Injectable()
export class QuotePruningRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Log) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.prune(), PAUSE_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async prune(): Promise<void> {
    try {
      for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
        if ((await pruneQuotes(this.database, BATCH)) < BATCH) return;
      }
    } catch (fault) {
      // The next round tries again; expired terms are refused whether or not their row is gone.
      this.log.write('warn', 'unpaid terms were not forgotten', { error: fault });
    }
  }
}
