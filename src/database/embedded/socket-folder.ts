import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { canReach, giveTo, type Account } from './choose-account';

/** sun_path holds 108 bytes with its closing zero on Linux, 104 on macOS. */
const SOCKET_PATH_BYTES_MAX = 103;
const SOCKET_NAME = '/.s.PGSQL.5432';
const TEMPORARY_PREFIX = 'portcullis-';
const TEMPORARY_NAME = /^portcullis-[0-9A-Za-z]{6}$/u;

/** A folder for the Unix socket that only the server and we can enter: beside the cluster, or short and temporary. */
export function makeSocketFolder(dataDir: string, account: Account | undefined): string {
  const beside = join(dataDir, 'run');
  const fits = Buffer.byteLength(beside + SOCKET_NAME) <= SOCKET_PATH_BYTES_MAX;
  const folder = fits && canReach(beside, account) ? beside : mkdtempSync(join(tmpdir(), TEMPORARY_PREFIX));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  giveTo(folder, account);
  return folder;
}

/**
 * Removes the temporary folder that a killed gateway left; call when its server is gone. The name comes from a file, so nothing is followed and nothing
 * goes but a socket with its lock: a folder that holds anything else, or is none of the names we make, stays.
 */
export function removeStaleSocketFolder(folder: string | undefined): void {
  if (folder === undefined || dirname(folder) !== tmpdir() || !TEMPORARY_NAME.test(basename(folder))) return;
  try {
    if (!lstatSync(folder).isDirectory()) return;
    for (const name of [SOCKET_NAME, `${SOCKET_NAME}.lock`]) rmSync(folder + name, { force: true });
    rmdirSync(folder);
  } catch {
    // Gone already, or not ours to remove: litter must not keep the gateway from starting.
  }
}
