import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { parseSettings, resolveConfig, type Config } from '../../../src/config';
import { migrateDatabase, openDataSource, startEmbeddedPostgres } from '../../../src/database';

export interface BenchServer {
  readonly folder: string;
  /** A database of its own, empty. */
  createDatabase(name: string): Promise<string>;
  /** A ledger of its own: as the application is connected, and as the owner of the schema is. */
  createLedger(name: string, connections: number): Promise<{ url: string; database: DataSource; owner: DataSource }>;
  close(): Promise<void>;
}

const run = async (url: string, sql: string): Promise<void> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

const rename = (url: string, name: string): string => url.replace(/\/[^/?]*(\?|$)/u, `/${name}$1`);

/** One PostgreSQL for both, as the gateway runs it: flushed to disk at every COMMIT. */
export const openServer = async (): Promise<BenchServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  const given = process.env['TEST_DATABASE_URL'];
  const embedded = given === undefined ? await startEmbeddedPostgres({ dataDir: folder }) : undefined;
  const admin = given ?? embedded!.url;
  const made: string[] = [];
  const pools: DataSource[] = [];
  const createDatabase = async (name: string): Promise<string> => {
    const full = `bench_${String(process.pid)}_${name}`;
    await run(admin, `create database ${full}`);
    made.push(full);
    return rename(admin, full);
  };
  const configOf = (databaseUrl: string, databasePoolMax: number): Config =>
    resolveConfig(parseSettings({ dataDir: folder, databaseUrl, databasePoolMax, devnetUrl: 'http://127.0.0.1:9' }));
  const createLedger: BenchServer['createLedger'] = async (name, connections) => {
    const url = await createDatabase(name);
    const config = configOf(url, Math.max(2, connections));
    await migrateDatabase(config);
    const database = await openDataSource(config, { statementMsMax: 600_000 });
    // The application may not write what the bench fills its tables with.
    const owner = await new DataSource({
      type: 'postgres',
      schema: 'portcullis',
      extra: { connectionString: url },
    }).initialize();
    pools.push(database, owner);
    return { url, database, owner };
  };
  return {
    folder,
    createDatabase,
    createLedger,
    close: async () => {
      await Promise.all(pools.map((pool) => pool.destroy()));
      for (const name of made) await run(admin, `drop database if exists ${name} with (force)`);
      await embedded?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
