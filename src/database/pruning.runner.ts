import { Inject, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Log } from '../telemetry';

const PAUSE_MS = 30_000;
const BATCH = 1_000;

/** Removes, twice a minute and a batch at a time, rows that have ended. Safe on every replica at once: a batch skips rows that another replica holds. */
export abstract class PruningRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  /** For the log: what was not removed. */
  protected abstract readonly what: string;
  /** More than these batches wait for the next round, so that pruning never holds the database. */
  protected abstract readonly batchesMax: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(DataSource) protected readonly database: DataSource,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Removes up to `rowsMax` rows; answers how many it found. */
  protected abstract prune(rowsMax: number): Promise<number>;

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.run(), PAUSE_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  private async run(): Promise<void> {
    try {
      for (let batch = 0; batch < this.batchesMax; batch += 1) {
        if ((await this.prune(BATCH)) < BATCH) return;
      }
    } catch (fault) {
      // The next round tries again; what has ended is refused whether or not its row is gone.
      this.log.write('warn', `${this.what} were not removed`, { error: fault });
    }
  }
}
