import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { printOutpoint } from '#atomic-core';
import {
  claimRevocations,
  listOldestRevocations,
  listRevokedReservations,
  measureRevocations,
  releaseReservation,
} from '#ledger';
import { CONFIG, type Config } from '../config';
import { NotificationListener } from '../database';
import { Log, Metrics } from '../telemetry';
import { RevocationService } from './revocation.service';

/** Asked about at once. */
const TOGETHER_MAX = 8;
/** A relay that died with a question open holds up that one for so long. */
const LEASE_MS = 30_000;
/** In one look; the next takes the rest. */
const RESERVATIONS_MAX = 100;
/**
 * Outpoints that metrics name. Presenters choose how many there are, and each would be a series for as long as Prometheus keeps any: the oldest are those that
 * an alert is about, and whoever mends a hundred of them sees the next.
 */
const NAMED_MAX = 100;

/**
 * Asks about every outpoint that is watched and not evidently spent, the oldest answer first and within the operator's rate, over all relays together; and gives back
 * what those whose certificate is revoked had reserved.
 */
@Injectable()
export class RevocationMonitor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #isStopping = false;
  #isWoken = false;

  constructor(
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'relayPollMs' | 'revocationChecksPerMinute' | 'revocationIntervalMs'>,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(RevocationService) private readonly revocations: RevocationService,
    @Inject(NotificationListener) private readonly notifications: NotificationListener,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  onApplicationBootstrap(): void {
    const measure = (): ReturnType<typeof measureRevocations> => measureRevocations(this.database);
    const age = 'Seconds since the oldest answer that a watched certificate is not revoked';
    this.metrics.gauge('revocation_age_seconds', age, async () => (await measure()).oldestAgeSeconds);
    for (const state of ['good', 'revoked', 'unknown'] as const) {
      const watched = 'Revocation outpoints that are watched, by what is known of them';
      this.metrics.gauge('revocation_outpoints', watched, async () => (await measure())[state], { state });
    }
    const each =
      'Seconds that the answer about one outpoint is old: those that nobody knows, and the oldest, a hundred in all';
    this.metrics.table('revocation_outpoint_age_seconds', each, NAMED_MAX, async () =>
      (await listOldestRevocations(this.database, NAMED_MAX)).map(({ outpoint, state, ageSeconds: value }) => ({
        value,
        labels: { outpoint: printOutpoint(outpoint), state },
      })),
    );
    this.#unsubscribe = this.notifications.subscribe('portcullis_revocations', () => this.#wake());
    this.#wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopping = true;
    this.#unsubscribe?.();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #wake(): void {
    if (this.#isStopping) return;
    this.#isWoken = true;
    if (this.#looking !== undefined) return;
    clearTimeout(this.#timer);
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
      if (this.#isStopping) return;
      if (this.#isWoken) this.#wake();
      else this.#timer = setTimeout(() => this.#wake(), this.config.relayPollMs);
    });
  }

  async #look(): Promise<void> {
    this.#isWoken = false;
    try {
      for (const { organisation, id } of await listRevokedReservations(this.database, RESERVATIONS_MAX))
        await releaseReservation(this.database, organisation, id);
      await this.#askOldest();
    } catch (error) {
      this.log.write('error', 'revocation could not be looked after', { error });
    }
  }

  /** Until nothing is due or the rate is used up. */
  async #askOldest(): Promise<void> {
    const { revocationChecksPerMinute: ratePerMinute, revocationIntervalMs: dueMs } = this.config;
    for (;;) {
      const claim = { ratePerMinute, dueMs, most: TOGETHER_MAX, leaseMs: LEASE_MS };
      const due = await claimRevocations(this.database, claim);
      await Promise.all(
        due.map((outpoint) => {
          const [txid = '', vout = ''] = printOutpoint(outpoint).split('.');
          return this.revocations.judgeAnew({ txid, vout: Number(vout) });
        }),
      );
      if (due.length < TOGETHER_MAX || this.#isStopping) return;
    }
  }
}
