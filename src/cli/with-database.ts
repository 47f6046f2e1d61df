import type { DataSource } from 'typeorm';
import { readConfig, Secret, type Config } from '../config';
import { FolderBusyError, migrateDatabase, openDataSource, startEmbeddedPostgres } from '../database';
import { findRunningUrl } from '../database/embedded/find-running-url';

/** Commands read whole tables: the limit that protects the API from a stuck statement is too short for them. */
const STATEMENT_MS_MAX = 3_600_000;

/** Runs `work` on the configured database: external, embedded and started for this command, or that of a running gateway. */
export async function withDatabase<T>(work: (database: DataSource, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig();
  if (config.databaseUrl !== undefined) return withDataSource(config, work);
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir });
    try {
      return await withDataSource({ ...config, databaseUrl: new Secret(postgres.url) }, work);
    } finally {
      await postgres.stop();
    }
  } catch (error) {
    const url = error instanceof FolderBusyError ? findRunningUrl(config.dataDir) : undefined;
    if (url === undefined) throw error;
    return withDataSource({ ...config, databaseUrl: new Secret(url) }, work);
  }
}

async function withDataSource<T>(
  config: Config,
  work: (database: DataSource, config: Config) => Promise<T>,
): Promise<T> {
  await migrateDatabase(config);
  const dataSource = await openDataSource(config, { statementMsMax: STATEMENT_MS_MAX });
  try {
    return await work(dataSource, config);
  } finally {
    await dataSource.destroy();
  }
}
