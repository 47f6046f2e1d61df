import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { RunningServer } from './run-server';

const POLL_MS = 20;
/** Crash recovery replays at most the write-ahead log since the last checkpoint: minutes at worst. */
const READY_MS_MAX = 300_000;
const DATABASE = 'portcullis';
const DUPLICATE_DATABASE = '42P04';

/** Waits until the server answers and makes the database on first use. Returns its URL. */
export async function openDatabase(socketFolder: string, server: RunningServer): Promise<string> {
  const client = await connect(databaseUrl(socketFolder, 'postgres'), server);
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } catch (error) {
    if ((error as { code?: string }).code !== DUPLICATE_DATABASE) throw error;
  } finally {
    await client.end();
  }
  return databaseUrl(socketFolder);
}

export function databaseUrl(socketFolder: string, database = DATABASE): string {
  return `postgresql://portcullis@${encodeURIComponent(socketFolder)}/${database}`;
}

async function connect(url: string, server: RunningServer): Promise<Client> {
  const deadline = Date.now() + READY_MS_MAX;
  for (;;) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (server.hasEnded()) throw new Error(await server.ended, { cause: error });
      if (!isStillStarting(error) || Date.now() > deadline) throw error;
      await pause(POLL_MS);
    }
  }
}

/** No socket yet, nobody behind it yet, or recovery under way (57P03). Anything else will not pass by waiting. */
function isStillStarting(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === '57P03';
}
