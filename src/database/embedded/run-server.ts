import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { accountOf, pathFromInside, type Cluster } from './cluster';

const FAST_STOP_MS = 30_000;
const LOG_TAIL_LINES = 5;

export interface RunningServer {
  readonly pid: number;
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

/** Starts `postgres` and watches it. Its log goes to a file, so that a server that outlives us never blocks on a pipe. */
export function runServer(cluster: Cluster, socketFolder: string, logPath: string): RunningServer {
  if (existsSync(logPath)) renameSync(logPath, `${logPath}.1`);
  const log = openSync(logPath, 'a', 0o600);
  const child = spawn(cluster.binaries.postgres, argumentsOf(cluster, socketFolder), {
    ...accountOf(cluster.account),
    cwd: cluster.folder,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    stdio: ['ignore', log, log],
    // Its own process group: Ctrl-C on the terminal must reach us alone, and we stop the server when we are done with it.
    detached: true,
  });
  closeSync(log);
  const ended = watch(child, logPath);
  return {
    pid: child.pid ?? 0,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined,
    stop: () => stopServer(child, ended),
  };
}

function argumentsOf(cluster: Cluster, socketFolder: string): string[] {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    logging_collector: 'off',
    log_destination: 'stderr',
    max_connections: '100',
  };
  const pairs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', pathFromInside(cluster.folder, cluster.account), ...pairs];
}

function watch(child: ChildProcess, logPath: string): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(`PostgreSQL cannot be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      const how = signal === null ? `with code ${String(code)}` : `by ${signal}`;
      const tail = readFileSync(logPath, 'utf8').trim().split('\n').slice(-LOG_TAIL_LINES).join(' | ');
      resolve(`PostgreSQL ended ${how}: ${tail}`);
    });
  });
}

async function stopServer(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGINT');
  const impatience = setTimeout(() => child.kill('SIGQUIT'), FAST_STOP_MS);
  await ended;
  clearTimeout(impatience);
}
