import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseUrl } from './open-database';

const SOCKET_FOLDER_LINE = 4;

/** Where the server of this data folder listens, or listened when it was killed, read from PostgreSQL's own pid file. */
export function findSocketFolder(dataDir: string): string | undefined {
  const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
  if (!existsSync(pidFile)) return undefined;
  const socketFolder = readFileSync(pidFile, 'utf8').split('\n')[SOCKET_FOLDER_LINE];
  return socketFolder === '' ? undefined : socketFolder;
}

/** URL of the embedded database that another process runs in this data folder. */
export function findRunningUrl(dataDir: string): string | undefined {
  const socketFolder = findSocketFolder(dataDir);
  return socketFolder === undefined ? undefined : databaseUrl(socketFolder);
}
