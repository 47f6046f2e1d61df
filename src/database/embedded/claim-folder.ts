import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProcess, type ProcessIdentity } from './process-identity';

const LOCK_NAME = 'portcullis.lock';
const ATTEMPTS_MAX = 20;

/** Another living gateway works in the data folder. */
export class FolderBusyError extends Error {
  override readonly name = 'FolderBusyError';
}

export interface FolderClaim {
  release(): void;
}

/**
 * Makes this process the only one that works in `folder`. The lock names a process with its start time, so a lock left
 * by `kill -9` never blocks and a reused process number never looks like its owner.
 */
export function claimFolder(folder: string): FolderClaim {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, LOCK_NAME);
  const self = findProcess(process.pid);
  if (self === undefined) throw new Error('this process cannot read its own start time');
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (placeLock(path, self)) return { release: () => releaseLock(path, self) };
    const owner = readLock(path);
    if (owner !== undefined && isSame(owner, findProcess(owner.pid))) {
      throw new FolderBusyError(
        `Another Portcullis (process ${String(owner.pid)}) already runs on the data folder ${folder}; ` +
          'stop it first, or choose another folder with PORTCULLIS_DATA_DIR.',
      );
    }
    removeStale(path, owner);
  }
  throw new FolderBusyError(`The lock ${path} changes hands too often; try again.`);
}

/** Linked into place complete: nobody ever reads half a lock. */
function placeLock(path: string, self: ProcessIdentity): boolean {
  const draft = draftOf(path);
  writeFileSync(draft, JSON.stringify(self), { flag: 'wx' });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readLock(path: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessIdentity> | null;
    if (typeof value?.pid !== 'number' || typeof value.startedAt !== 'string') return undefined;
    return { pid: value.pid, startedAt: value.startedAt };
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Moved aside before it is judged again: a lock that a faster process just placed is put back, not deleted. */
function removeStale(path: string, stale: ProcessIdentity | undefined): void {
  const aside = draftOf(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readLock(aside);
  if (moved !== undefined && !isSame(moved, stale)) linkSync(aside, path);
  rmSync(aside, { force: true });
}

function releaseLock(path: string, self: ProcessIdentity): void {
  if (isSame(self, readLock(path))) rmSync(path, { force: true });
}

function isSame(one: ProcessIdentity, other: ProcessIdentity | undefined): boolean {
  return other !== undefined && one.pid === other.pid && one.startedAt === other.startedAt;
}

function draftOf(path: string): string {
  return `${path}.${randomBytes(8).toString('hex')}`;
}
