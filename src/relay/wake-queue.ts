import { Queue, Worker, createPostgresBackend } from 'bullmq';
import type { QueueOptions, WorkerOptions } from 'bullmq';
import { GuardedClient } from './guarded-client';
import { QueueUnavailableError } from './queue-unavailable-error';
import { QUEUE_SCHEMA, migrateQueueSchema } from './queue-schema';

const QUEUE_NAME = 'portcullis-outbox';
/** A job is one short conversation with the network; the main loop stays free while it waits. */
const CONCURRENCY = 16;
/** Small on purpose: jobs are short, and the pool comes on top of the application's own. */
const POOL_MAX = 4;
/** A worker that was killed is noticed after this long; until then its rows are also held by their leases. */
const STALLED_AFTER_MS = 15_000;
/** When nothing arrives, how long a worker blocks before it looks again. */
const DRAIN_DELAY_SECONDS = 5;
/** How long a start waits for the queue's server: BullMQ by itself waits for Redis without end. */
const READY_MS_MAX = 5_000;
/** How long a forced goodbye may take. */
const FORCED_MS_MAX = 1_000;

const workerOptions: Omit<WorkerOptions, 'connection'> = {
  concurrency: CONCURRENCY,
  lockDuration: STALLED_AFTER_MS,
  stalledInterval: STALLED_AFTER_MS / 3,
  drainDelay: DRAIN_DELAY_SECONDS,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
  autorun: false,
};

export interface WakeQueueOptions {
  readonly databaseUrl: string;
  /** A login that may create the queue's schema. */
  readonly migrationUrl: string;
  /** When set, Redis distributes the work in place of PostgreSQL. */
  readonly redisUrl: string | undefined;
  readonly onError: (error: Error) => void;
}

type Connection = QueueOptions['connection'];

/** What is used of BullMQ, alike for both of its backends. */
interface Closable {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(force?: boolean): Promise<void>;
}
interface Producer extends Closable {
  addBulk(jobs: Parameters<Queue['addBulk']>[0]): Promise<unknown>;
  disconnect(): Promise<void>;
}
interface Consumer extends Closable {
  run(): Promise<void>;
}
type Work = (job: { readonly data: { readonly outboxId: string } }) => Promise<void>;

const readRedisUrl = (text: string): Connection => {
  const url = new URL(text);
  return {
    host: url.hostname.replace(/^\[|\]$/gu, ''),
    port: Number(url.port || '6379'),
    db: Number(url.pathname.slice(1) || '0'),
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
    maxRetriesPerRequest: null, // BullMQ demands it: a worker waits for Redis rather than fail
  };
};

/**
 * Spreads the wake-ups over all relays. The queue holds no truth: a job carries the id of an outbox row and nothing else, it is gone once worked,
 * and losing every job costs one scan. `jobId` is the row, so a row that waits in the queue is not queued again.
 */
export class WakeQueue {
  #queue: Producer | undefined;
  #worker: Consumer | undefined;

  constructor(private readonly options: WakeQueueOptions) {}

  async open(work: (outboxId: string) => Promise<void>): Promise<void> {
    const { redisUrl, onError } = this.options;
    const process: Work = (job) => work(job.data.outboxId);
    const [queue, worker] =
      redisUrl === undefined ? await this.#openOnPostgres(process) : this.#openOnRedis(process, redisUrl);
    this.#queue = queue;
    this.#worker = worker;
    queue.on('error', onError);
    worker.on('error', onError);
    const ready = Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
    if (!(await isDoneInTime(ready, READY_MS_MAX))) {
      await this.close(0);
      throw new QueueUnavailableError();
    }
    void worker.run().catch(onError);
  }

  async #openOnPostgres(process: Work): Promise<[Producer, Consumer]> {
    await migrateQueueSchema(this.options.migrationUrl);
    const connection = {
      connectionString: this.options.databaseUrl,
      schema: QUEUE_SCHEMA,
      options: '-c role=portcullis_app',
      max: POOL_MAX,
      migrate: false,
      Client: GuardedClient,
    };
    return [
      new Queue(QUEUE_NAME, { connection }, createPostgresBackend),
      new Worker(QUEUE_NAME, process, { ...workerOptions, connection }, createPostgresBackend),
    ];
  }

  #openOnRedis(process: Work, redisUrl: string): [Producer, Consumer] {
    const connection = readRedisUrl(redisUrl);
    // A tick that cannot queue fails and comes again; it does not wait for Redis with the whole relay behind it.
    const impatient = { ...connection, maxRetriesPerRequest: 1, enableOfflineQueue: false };
    return [
      new Queue(QUEUE_NAME, { connection: impatient }),
      new Worker(QUEUE_NAME, process, { ...workerOptions, connection }),
    ];
  }

  async wake(rows: readonly { readonly id: string; readonly kind: string }[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#queue?.addBulk(
      rows.map(({ id, kind }) => ({
        name: kind,
        data: { outboxId: id },
        // BullMQ takes no bare number as a job id.
        opts: { jobId: `outbox-${id}`, attempts: 1, removeOnComplete: true, removeOnFail: true },
      })),
    );
  }

  /** Takes no new job and waits up to `patienceMs` for those under way; a server that is away is not waited for any longer. */
  async close(patienceMs: number): Promise<void> {
    const goodbye = async (): Promise<void> => {
      await this.#worker?.close();
      await this.#queue?.close();
    };
    if (await isDoneInTime(goodbye(), patienceMs)) return;
    await isDoneInTime(Promise.all([this.#worker?.close(true), this.#queue?.disconnect()]), FORCED_MS_MAX);
  }
}

/** False when the patience ends first. A promise that is left behind may still fail: that is no news then. */
async function isDoneInTime(promise: Promise<unknown>, patienceMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  try {
    return await Promise.race([promise.then(() => true), patience]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => undefined);
  }
}
