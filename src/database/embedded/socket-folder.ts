import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canReach, giveTo, type Account } from './choose-account';

/** sun_path holds 108 bytes with its closing zero on Linux, 104 on macOS. */
const SOCKET_PATH_BYTES_MAX = 103;
const SOCKET_NAME = '/.s.PGSQL.5432';

/** A folder for the Unix socket that only the server and we can enter: beside the cluster, or short and temporary. */
export function makeSocketFolder(dataDir: string, account: Account | undefined): string {
  const beside = join(dataDir, 'run');
  const fits = Buffer.byteLength(beside + SOCKET_NAME) <= SOCKET_PATH_BYTES_MAX;
  const folder = fits && canReach(beside, account) ? beside : mkdtempSync(join(tmpdir(), 'portcullis-'));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  giveTo(folder, account);
  return folder;
}
