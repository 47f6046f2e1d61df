import { Inject, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Log } from '../telemetry';

const PAUSE_MS = 30_000;

/** One round after the other, with a pause between: the first at the start, and a stop waits for the one that is under way. Safe on every replica at once. */
export abstract class RoundRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** For the log: what a round that failed has left undone. The next one tries again. */
  protected abstract readonly undone: string;
  /** A long round looks at it now and then. */
  protected isStopping = false;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(
    @Inject(DataSource) protected readonly database: DataSource,
    @Inject(Log) protected readonly log: Log,
  ) {}

  protected abstract run(): Promise<void>;

  onApplicationBootstrap(): void {
    this.#begin();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #begin(): void {
    this.#round = this.#try().finally(() => {
      if (!this.isStopping) this.#timer = setTimeout(() => this.#begin(), PAUSE_MS).unref();
    });
  }

  async #try(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      this.log.write('warn', this.undone, { error });
    }
  }
}
