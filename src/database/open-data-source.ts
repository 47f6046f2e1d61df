import { entities } from '#ledger';
import { DataSource } from 'typeorm';
import type { Config } from '../config';

/** RELIABILITY §8: a stuck statement, lock or open transaction must free its connection by itself. */
const STATEMENT_MS_MAX = 2_000;
const LOCK_WAIT_MS_MAX = 1_000;
const IDLE_IN_TRANSACTION_MS_MAX = 5_000;
const CONNECT_MS_MAX = 5_000;

export const SCHEMA = 'portcullis';

type DatabaseConfig = Pick<Config, 'databaseUrl' | 'databaseMigrationUrl' | 'databasePoolMax'>;

/**
 * The pool of this process. Every connection drops to the role `portcullis_app` before its first statement, so that the
 * rights of the audit table hold whatever the login may do.
 */
export async function openDataSource(
  config: DatabaseConfig,
  limits: { statementMsMax?: number } = {},
): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    schema: SCHEMA,
    entities: [...entities],
    connectTimeoutMS: CONNECT_MS_MAX,
    poolSize: config.databasePoolMax,
    extra: {
      connectionString: databaseUrlOf(config),
      options: startupOptions({
        role: 'portcullis_app',
        statement_timeout: String(limits.statementMsMax ?? STATEMENT_MS_MAX),
        lock_timeout: String(LOCK_WAIT_MS_MAX),
        idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS_MAX),
      }),
    },
  });
  return dataSource.initialize();
}

export function databaseUrlOf(config: DatabaseConfig): string {
  if (config.databaseUrl === undefined) throw new Error('the configuration has no database URL');
  return config.databaseUrl.reveal();
}

function startupOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
