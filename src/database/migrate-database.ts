import { migrations } from '#ledger';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import type { Config } from '../config';
import { DatabaseError } from './database-error';
import { databaseUrlOf, SCHEMA } from './open-data-source';

const VERSION_MIN = 150_000;
const MIGRATIONS_TABLE = 'migration';
/** "portcull" in ASCII: the advisory lock that serialises the migrations of all replicas. */
const MIGRATION_LOCK = '8101822540556234860';

type DatabaseConfig = Pick<Config, 'databaseUrl' | 'databaseMigrationUrl' | 'databasePoolMax'>;

/** Brings the schema to this binary's version. Safe to run in every replica at once; returns what was applied. */
export async function migrateDatabase(config: DatabaseConfig): Promise<string[]> {
  const url = config.databaseMigrationUrl?.reveal() ?? databaseUrlOf(config);
  const guard = new Client({ connectionString: url });
  await guard.connect();
  try {
    await refuseOldServer(guard);
    // Held by the session: it ends with the process, so a crashed migration never leaves it behind.
    await guard.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    await guard.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
    await refuseNewerSchema(guard);
    return await applyMigrations(url);
  } finally {
    await guard.end();
  }
}

async function refuseOldServer(client: Client): Promise<void> {
  const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version_num') AS version");
  if (Number(rows[0]?.version) >= VERSION_MIN) return;
  throw new DatabaseError('The database server is too old: Portcullis needs PostgreSQL 15 or newer.');
}

async function refuseNewerSchema(client: Client): Promise<void> {
  const table = `${SCHEMA}.${MIGRATIONS_TABLE}`;
  const found = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
  if (found.rows[0]?.there !== true) return;
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY id`);
  const known = new Set(migrations.map(nameOf));
  const unknown = rows.find(({ name }) => !known.has(name));
  if (unknown === undefined) return;
  throw new DatabaseError(
    `The database schema is newer than this Portcullis (it has the migration ${unknown.name}); start the newer version.`,
  );
}

async function applyMigrations(url: string): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    schema: SCHEMA,
    migrations: [...migrations],
    migrationsTableName: MIGRATIONS_TABLE,
    poolSize: 2,
    extra: { connectionString: url },
  });
  await dataSource.initialize();
  try {
    const applied = await dataSource.runMigrations({ transaction: 'each' });
    return applied.map(({ name }) => name);
  } finally {
    await dataSource.destroy();
  }
}

/** The name under which TypeORM records a migration. */
function nameOf(migration: (typeof migrations)[number]): string {
  return new migration().name ?? migration.name;
}
