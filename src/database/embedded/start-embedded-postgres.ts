import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chooseAccount } from './choose-account';
import { claimFolder, type FolderClaim } from './claim-folder';
import type { Cluster } from './cluster';
import { createCluster, writeAccessRules } from './create-cluster';
import { findSocketFolder } from './find-running-url';
import { locateBinaries } from './locate-binaries';
import { openDatabase } from './open-database';
import { runServer } from './run-server';
import { makeSocketFolder, removeStaleSocketFolder } from './socket-folder';
import { stopOrphan } from './stop-orphan';

export interface EmbeddedPostgres {
  /** postgresql:// URL of the database `portcullis`, over the Unix socket. */
  readonly url: string;
  readonly pid: number;
  /** Settles when the server ends, whoever ended it, with a sentence of why. */
  readonly ended: Promise<string>;
  /** Fast shutdown: clients are cut, everything committed is on disk. */
  stop(): Promise<void>;
}

/**
 * PostgreSQL from the npm package as a child of this process: Unix socket only, fsync and checksums on. Refuses with a
 * FolderBusyError when another gateway works in the folder; replaces a server that outlived its gateway.
 */
export async function startEmbeddedPostgres(options: { dataDir: string }): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const claim = claimFolder(dataDir);
  try {
    return await startClaimed(dataDir, claim);
  } catch (error) {
    claim.release();
    throw error;
  }
}

async function startClaimed(dataDir: string, claim: FolderClaim): Promise<EmbeddedPostgres> {
  const folder = join(dataDir, 'postgres');
  const account = chooseAccount(folder);
  const cluster: Cluster = { folder, account, binaries: locateBinaries(account) };
  // Before the server that wrote it takes it away.
  const staleFolder = findSocketFolder(dataDir);
  await stopOrphan(folder);
  removeStaleSocketFolder(staleFolder);
  await createCluster(cluster);
  writeAccessRules(cluster);
  const socketFolder = makeSocketFolder(dataDir, account);
  const server = runServer(cluster, socketFolder, join(dataDir, 'postgres.log'));
  try {
    const url = await openDatabase(socketFolder, server);
    const stop = async (): Promise<void> => {
      await server.stop();
      rmSync(socketFolder, { recursive: true, force: true });
      claim.release();
    };
    return { url, pid: server.pid, ended: server.ended, stop };
  } catch (error) {
    await server.stop();
    rmSync(socketFolder, { recursive: true, force: true });
    throw error;
  }
}
