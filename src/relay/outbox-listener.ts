import { Client } from 'pg';

const CHANNEL = 'portcullis_outbox';
const RECONNECT_MS = 1_000;

/**
 * Hears the NOTIFY that a COMMIT sends, so that broadcasting starts at once instead of at the next tick. A hint only: while its connection is away
 * the tick does all the work.
 */
export class OutboxListener {
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly onWake: () => void,
    private readonly onError: (error: Error) => void,
  ) {}

  async open(): Promise<void> {
    if (this.#closed) return;
    const client = new Client({
      connectionString: this.databaseUrl,
      keepAlive: true,
      application_name: 'portcullis-outbox',
    });
    client.on('error', (error) => {
      if (this.#client === client) this.#retry(error);
    });
    client.on('end', () => {
      if (this.#client === client) this.#retry(undefined);
    });
    client.on('notification', () => this.onWake());
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.#client = client;
      this.onWake(); // what was committed while nobody listened
    } catch (error) {
      this.#retry(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined); // it is going away either way
  }

  #retry(error: Error | undefined): void {
    this.#client = undefined;
    if (this.#closed) return;
    if (error !== undefined) this.onError(error);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.open(), RECONNECT_MS);
    this.#timer.unref();
  }
}
