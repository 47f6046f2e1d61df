import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { giveTo } from './choose-account';
import { accountOf, pathFromInside, type Cluster } from './cluster';

/** Makes the cluster when it is missing. Built aside and renamed, so that a crash half-way leaves no half cluster. */
export async function createCluster(cluster: Cluster): Promise<void> {
  if (existsSync(join(cluster.folder, 'PG_VERSION'))) return;
  const draft = `${cluster.folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  chmodSync(draft, 0o700);
  giveTo(draft, cluster.account);
  await runInitdb(cluster, draft);
  renameSync(draft, cluster.folder);
}

/**
 * Peer authentication: the kernel says who is at the other end of the socket, so there is no password to lose. Written
 * at every start because the folder may have changed hands since.
 */
export function writeAccessRules(cluster: Cluster): void {
  const rules = { 'pg_hba.conf': 'local all all peer map=portcullis\n', 'pg_ident.conf': identityMap() };
  for (const [name, content] of Object.entries(rules)) {
    const path = join(cluster.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    giveTo(path, cluster.account);
  }
}

function identityMap(): string {
  return `portcullis "${userInfo().username.replaceAll('"', '""')}" portcullis\n`;
}

function runInitdb(cluster: Cluster, folder: string): Promise<void> {
  const options = ['--username=portcullis', '--encoding=UTF8', '--no-locale', '--data-checksums', '--auth=peer'];
  return new Promise((resolve, reject) => {
    const child = spawn(cluster.binaries.initdb, ['-D', pathFromInside(folder, cluster.account), ...options], {
      ...accountOf(cluster.account),
      cwd: folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The database cannot be created in ${folder}: ${complaint.trim()}`));
    });
  });
}
