import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { measureOutbox } from '#ledger';
import type { Broadcaster } from '#ports';
import { CONFIG } from '../config';
import type { Config } from '../config';
import { Log, Metrics } from '../telemetry';
import { RELAY_OPTIONS, type RelayOptions } from './relay-options';
import { RelayRunner } from './relay.runner';

/** Token of the Broadcaster that the relay sends through. */
export const BROADCASTER = Symbol('BROADCASTER');

/** Starts the relay with the application and stops it before the database closes. */
@Injectable()
export class RelayService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #runner: RelayRunner;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(BROADCASTER) broadcaster: Broadcaster,
    @Inject(RELAY_OPTIONS) options: RelayOptions,
    @Inject(Log) log: Log,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    this.#runner = new RelayRunner({ database, broadcaster, log, metrics, pollMs: config.relayPollMs }, options);
  }

  async onApplicationBootstrap(): Promise<void> {
    const measure = (): ReturnType<typeof measureOutbox> => measureOutbox(this.database);
    this.metrics.gauge('outbox_waiting', 'Outbox rows that wait', async () => (await measure()).waiting);
    this.metrics.gauge('outbox_parked', 'Outbox rows set aside for a person', async () => (await measure()).parked);
    this.metrics.gauge('outbox_oldest_due_seconds', 'Age of the oldest outbox row that is due', async () =>
      Math.max(0, (await measure()).oldestDueSeconds),
    );
    await this.#runner.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#runner.stop();
  }
}
