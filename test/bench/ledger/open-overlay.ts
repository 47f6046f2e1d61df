import { Engine, type TopicManager } from '@bsv/overlay';
import { KnexStorage } from '@bsv/overlay/storage/knex/KnexStorage';
import overlayMigrations from '@bsv/overlay/storage/knex/all-migrations';
import { knex, type Knex } from 'knex';
import type { Work } from './work';

export interface Overlay {
  readonly engine: Engine;
  close(): Promise<void>;
}

export const BENCH_TOPIC = 'tm_bench';

/** The engine prints every failure of its own; a bench that measures failures must end instead. */
const strictLogger = { ...console, error: (...parts: unknown[]) => void process.stderr.write(`${parts.join(' ')}\n`) };

/**
 * Its own migrations, though two lines of them are MySQL's alone: a type, which PostgreSQL is told of under that name, and an `INSERT IGNORE` that moves the
 * rows of a table which is empty here.
 */
const migrate = async (database: Knex): Promise<void> => {
  await database.raw('create domain longblob as bytea');
  const foreign = new Proxy(database, {
    get: (target, name, receiver): unknown =>
      name === 'raw'
        ? (sql: string) => (sql.includes('INSERT IGNORE') ? Promise.resolve() : target.raw(sql))
        : Reflect.get(target, name, receiver),
  });
  for (const { up } of overlayMigrations) await up(foreign);
};

/** `@bsv/overlay` as it is shipped, with its Knex storage on PostgreSQL, a chain that agrees and a broadcaster that answers at once. */
export const openOverlay = async (url: string, clients: number, { root }: Pick<Work, 'root'>): Promise<Overlay> => {
  const database: Knex = knex({ client: 'pg', connection: url, pool: { min: clients, max: clients } });
  await migrate(database);
  const manager = require('./bench-topic.cjs') as TopicManager;
  const chain = {
    isValidRootForHeight: (asked: string) => Promise.resolve(asked === root),
    // Low: above height 101 it takes the first transaction of the block for a coinbase that is too old (PROTOCOLS B9).
    currentHeight: () => Promise.resolve(2),
  };
  const broadcaster = {
    broadcast: (transaction: { id(encoding: 'hex'): string }) =>
      Promise.resolve({ status: 'success' as const, txid: transaction.id('hex'), message: 'accepted' }),
  };
  const engine = new Engine(
    { [BENCH_TOPIC]: manager },
    {},
    new KnexStorage(database),
    chain,
    undefined,
    undefined,
    undefined,
    broadcaster,
    undefined,
    { [BENCH_TOPIC]: false },
  );
  engine.logger = strictLogger;
  return { engine, close: () => database.destroy() };
};
