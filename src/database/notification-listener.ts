import { Client } from 'pg';

const RECONNECT_MS = 1_000;

/** Channels that COMMITs notify: work for the relay, events of topics, and certificates that are revoked. */
export const NOTIFICATION_CHANNELS = ['portcullis_outbox', 'portcullis_events', 'portcullis_revocations'] as const;
export type NotificationChannel = (typeof NOTIFICATION_CHANNELS)[number];

type Wake = () => void;

/**
 * The one connection of this process that hears the NOTIFY of COMMITs, for as many parts as want to look at once instead of at their next tick. A
 * hint only: it may double, and while the connection is away none comes, so whoever subscribes MUST also look by itself now and then. The connection
 * opens with the first subscriber; each time that it is there all are woken, for what was committed while nobody listened.
 */
export class NotificationListener {
  readonly #subscribers = new Map<NotificationChannel, Set<Wake>>(
    NOTIFICATION_CHANNELS.map((name) => [name, new Set()]),
  );
  #client: Client | undefined;
  #opening: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly onError: (error: Error) => void,
  ) {}

  /** Answers how to end the subscription. */
  subscribe(channel: NotificationChannel, wake: Wake): () => void {
    // Each subscription is its own, also when two share a function.
    const subscriber: Wake = () => wake();
    const subscribers = this.#subscribers.get(channel);
    subscribers?.add(subscriber);
    this.#opening ??= this.#open();
    return () => void subscribers?.delete(subscriber);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#opening;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined); // it is going away either way
  }

  async #open(): Promise<void> {
    if (this.#closed) return;
    const client = new Client({
      connectionString: this.databaseUrl,
      keepAlive: true,
      application_name: 'portcullis-listener',
    });
    client.on('error', (error) => this.#lose(client, error));
    client.on('end', () => this.#lose(client, undefined));
    client.on('notification', ({ channel }) => this.#wake(channel as NotificationChannel));
    try {
      await client.connect();
      for (const channel of NOTIFICATION_CHANNELS) await client.query(`listen ${channel}`);
      this.#client = client;
      for (const channel of NOTIFICATION_CHANNELS) this.#wake(channel);
    } catch (error) {
      await client.end().catch(() => undefined); // half open, it would go on holding a connection
      this.#retry(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #wake(channel: NotificationChannel): void {
    for (const wake of this.#subscribers.get(channel) ?? []) wake();
  }

  #lose(client: Client, error: Error | undefined): void {
    if (this.#client === client) this.#retry(error);
  }

  #retry(error: Error | undefined): void {
    this.#client = undefined;
    if (this.#closed) return;
    if (error !== undefined) this.onError(error);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#opening = this.#open();
    }, RECONNECT_MS);
    this.#timer.unref();
  }
}
