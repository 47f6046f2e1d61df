import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { listDueWebhooks, measureWebhooks } from '#ledger';
import { CONFIG, type Config } from '../config';
import { NotificationListener } from '../database';
import { PinnedHttpClient } from '../egress';
import { KeyRing } from '../keys';
import { Log, Metrics } from '../telemetry';
import { deliverWebhook, type DeliveryContext } from './deliver-webhook';
import { DELIVERIES_MAX, DELIVERIES_OF_ONE_MAX } from './subscription-limits';

/** Read in one look, so that those of an organisation that has its share already do not hide the others. */
const LOOK_MAX = 256;

/** Tells webhooks what was committed. Woken by COMMITs, and by a tick for what must be tried again; any number of relays share the work by leases. */
@Injectable()
export class WebhookRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #context: DeliveryContext;
  readonly #stop = new AbortController();
  /** Under way, by the name of the subscription: whose it is. */
  readonly #organisations = new Map<string, string>();
  readonly #turns = new Set<Promise<void>>();
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KeyRing) ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(NotificationListener) private readonly notifications: NotificationListener,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    const count = metrics.counter('webhook_deliveries', 'Deliveries of events by outcome');
    this.#context = {
      ...{ database, log, stopping: this.#stop.signal },
      deriveSecrets: (id) => ring.deriveWebhookSecrets(id),
      hosts: config.webhookHosts,
      privateHosts: config.egressPrivateHosts,
      openClient: (origin) => new PinnedHttpClient({ origins: [origin] }),
      countDelivery: (outcome) => count(1, { outcome }),
    };
  }

  onApplicationBootstrap(): void {
    const measure = (): ReturnType<typeof measureWebhooks> => measureWebhooks(this.database);
    this.metrics.gauge('webhooks_behind', 'Webhooks with events to come', async () => (await measure()).behind);
    this.metrics.gauge('webhooks_paused', 'Webhooks that are stopped', async () => (await measure()).paused);
    this.#unsubscribe = this.notifications.subscribe('portcullis_events', () => this.#wake());
    this.#wake();
  }

  /** What is under way is cut off: whoever comes next tells it again under the same id. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    this.#unsubscribe?.();
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#turns);
  }

  #wake(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
      const again = this.#again;
      this.#again = false;
      if (again) this.#wake();
      else if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.#wake(), this.config.relayPollMs);
    });
  }

  async #look(): Promise<void> {
    try {
      for (const { name, organisation } of await listDueWebhooks(this.database, LOOK_MAX)) {
        if (this.#hasRoom(name, organisation)) this.#begin(name, organisation);
      }
    } catch (error) {
      this.log.write('error', 'webhooks could not be looked for', { error });
    }
  }

  #hasRoom(name: string, organisation: string): boolean {
    if (this.#stop.signal.aborted || this.#organisations.has(name)) return false;
    const own = [...this.#organisations.values()].filter((other) => other === organisation).length;
    return this.#organisations.size < DELIVERIES_MAX && own < DELIVERIES_OF_ONE_MAX;
  }

  #begin(name: string, organisation: string): void {
    this.#organisations.set(name, organisation);
    const turn = deliverWebhook(this.#context, name)
      .catch((error: unknown) => {
        // Its lease ends by itself, and the next look begins again.
        this.log.write('error', 'the turn of a webhook failed', { webhook: name, error });
      })
      .finally(() => {
        this.#organisations.delete(name);
        this.#turns.delete(turn);
        this.#wake();
      });
    this.#turns.add(turn);
  }
}
