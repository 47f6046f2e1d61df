import { randomUUID } from 'node:crypto';
import { entities, migrations } from '#ledger';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { findOrStartServer, socketUrl } from './postgres-server';

const TEMPLATE = 'portcullis_template';
const SCHEMA = 'portcullis';
/** As `src/database` names it, so that a gateway started on a test database finds it migrated. */
const MIGRATIONS_TABLE = 'migration';

export interface TestDatabase {
  /** Connected as the gateway is: every connection drops to the role `portcullis_app`. */
  readonly dataSource: DataSource;
  /** Connected as the owner of the schema, for planting what the application could never write. */
  readonly owner: DataSource;
  /** For PORTCULLIS_DATABASE_URL of a gateway under test. */
  readonly url: string;
  /** Another pool on the same database, as another replica would have. */
  openPool(): Promise<DataSource>;
  drop(): Promise<void>;
}

const run = async (url: string, sql: string): Promise<{ rowCount: number | null }> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
};

const open = (url: string, options: string | undefined): Promise<DataSource> =>
  new DataSource({
    type: 'postgres',
    schema: SCHEMA,
    entities: [...entities],
    poolSize: 10,
    extra: { connectionString: url, ...(options !== undefined && { options }) },
  }).initialize();

const migrate = async (url: string): Promise<void> => {
  await run(url, `create schema if not exists ${SCHEMA}`);
  const dataSource = await new DataSource({
    type: 'postgres',
    schema: SCHEMA,
    migrations: [...migrations],
    migrationsTableName: MIGRATIONS_TABLE,
    extra: { connectionString: url },
  }).initialize();
  await dataSource.runMigrations({ transaction: 'each' }).finally(() => dataSource.destroy());
};

/** One database, migrated, nowhere else in use: a clone of a template (our server) or migrated on the spot (a server that is given). */
const createDatabase = async (name: string): Promise<{ url: string; admin: string }> => {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined) {
    await run(given, `create database ${name}`);
    const url = new URL(given);
    url.pathname = `/${name}`;
    await migrate(url.href);
    return { url: url.href, admin: given };
  }
  const folder = await findOrStartServer();
  const admin = socketUrl(folder, 'postgres');
  const found = await run(admin, `select from pg_database where datname = '${TEMPLATE}' and datistemplate`);
  if (found.rowCount === 0) {
    await run(admin, `drop database if exists ${TEMPLATE} with (force)`);
    await run(admin, `create database ${TEMPLATE}`);
    await migrate(socketUrl(folder, TEMPLATE));
    await run(admin, `alter database ${TEMPLATE} is_template true`);
  }
  await run(admin, `create database ${name} template ${TEMPLATE}`);
  return { url: socketUrl(folder, name), admin };
};

/**
 * A fresh migrated database on real PostgreSQL: the embedded server of this jest worker, or TEST_DATABASE_URL (a login that may
 * create databases). Call `drop()` in afterAll.
 */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const name = `portcullis_test_${randomUUID().replaceAll('-', '')}`;
  const { url, admin } = await createDatabase(name);
  const pools: DataSource[] = [];
  const openPool = async (options?: string): Promise<DataSource> => {
    const pool = await open(url, options);
    pools.push(pool);
    return pool;
  };
  const openAsApp = (): Promise<DataSource> => openPool('-c role=portcullis_app');
  return {
    dataSource: await openAsApp(),
    owner: await openPool(),
    url,
    openPool: openAsApp,
    drop: async () => {
      await Promise.all(pools.map((pool) => pool.destroy()));
      await run(admin, `drop database if exists ${name} with (force)`);
    },
  };
};
