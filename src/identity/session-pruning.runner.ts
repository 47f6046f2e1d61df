import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { pruneExpired } from '#ledger';
import { Log } from '../telemetry';

const PAUSE_MS = 30_000;
const BATCH = 1_000;
/** Each request leaves a nonce, so this is what a process may serve in the pause. More ended rows wait for the next round, so that pruning never holds the database. */
const BATCHES_MAX = 200;

/** Removes ended sessions and their nonces. Safe on every replica at once: rows that another one holds are skipped. */
@Injectable()
export class SessionPruningRunner implements OnApplicationBootstrap, OnApplicationShutdown {
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
        if ((await pruneExpired(this.database, BATCH)) < BATCH) return;
      }
    } catch (fault) {
      // The next round tries again; an expired session is refused whether or not its row is gone.
      this.log.write('warn', 'ended sessions were not removed', { error: fault });
    }
  }
}
