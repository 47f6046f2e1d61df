import { canReach, type Account } from './choose-account';
import type { Binaries } from './locate-binaries';

/** One PostgreSQL data folder with what is needed to run it. */
export interface Cluster {
  readonly folder: string;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
}

/**
 * How a program that was started inside `folder` names it. Under a closed parent (/root) its real path is out of reach
 * for the account that PostgreSQL runs as; the kernel's link to the own working directory is not.
 */
export function pathFromInside(folder: string, account: Account | undefined): string {
  return canReach(folder, account) ? folder : '/proc/self/cwd';
}

export function accountOf(account: Account | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}
