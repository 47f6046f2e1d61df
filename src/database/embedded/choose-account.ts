import { chownSync, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The operating-system account that PostgreSQL runs as; undefined means "as we are". */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** "nobody" on Linux. PostgreSQL refuses to run as root. */
const NOBODY: Account = { uid: 65_534, gid: 65_534 };
const OTHERS_MAY_ENTER = 0o001;
const OTHERS_MAY_READ_AND_ENTER = 0o005;

/** As root: the owner of an existing cluster, so that a folder made by an ordinary user stays theirs; else nobody. */
export function chooseAccount(cluster: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (!existsSync(cluster)) return NOBODY;
  const { uid, gid } = statSync(cluster);
  return uid === 0 ? NOBODY : { uid, gid };
}

export function giveTo(path: string, account: Account | undefined): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

/** Whether `account` can walk to `path`: /root and most home folders are closed to nobody. */
export function canReach(path: string, account: Account | undefined): boolean {
  if (account === undefined) return true;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if (!mayEnter(folder, account, OTHERS_MAY_ENTER)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Whether `account` can walk to `path` and read what is directly in it. */
export function canRead(path: string, account: Account | undefined): boolean {
  if (account === undefined) return true;
  return canReach(path, account) && mayEnter(path, account, OTHERS_MAY_READ_AND_ENTER);
}

function mayEnter(folder: string, account: Account, othersMask: number): boolean {
  const { mode, uid, gid } = statSync(folder);
  if (uid === account.uid) return (mode & (othersMask << 6)) === othersMask << 6;
  if (gid === account.gid) return (mode & (othersMask << 3)) === othersMask << 3;
  return (mode & othersMask) === othersMask;
}
