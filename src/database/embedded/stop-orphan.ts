import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findProcess, isAlive } from './process-identity';

const POLL_MS = 20;
const FAST_STOP_MS = 20_000;
const IMMEDIATE_STOP_MS = 10_000;

/**
 * After `kill -9` of a gateway its PostgreSQL lives on. It is stopped and replaced: only a child of ours tells us when
 * it ends, and its settings may be those of an older version. Call with the folder claimed.
 */
export async function stopOrphan(cluster: string): Promise<boolean> {
  const pidFile = join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return false;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]);
  if (Number.isSafeInteger(pid) && pid > 1 && worksIn(pid, cluster)) {
    await endProcess(pid);
    return true;
  }
  // PostgreSQL refuses to start while the number in its file is alive, even if another program has got it since.
  // Without any process in the folder the file is only a leftover.
  if (process.platform === 'linux' && !listProcesses().some((other) => worksIn(other, cluster))) {
    rmSync(pidFile, { force: true });
  }
  return false;
}

async function endProcess(pid: number): Promise<void> {
  const identity = findProcess(pid);
  for (const [signal, waitMs] of [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
  ] as const) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    const deadline = Date.now() + waitMs;
    while (Date.now() < deadline) {
      if (findProcess(pid)?.startedAt !== identity?.startedAt) return;
      await pause(POLL_MS);
    }
  }
  throw new Error(`The PostgreSQL of an earlier run (process ${String(pid)}) does not stop; end it by hand.`);
}

function worksIn(pid: number, cluster: string): boolean {
  if (process.platform !== 'linux') return isAlive(pid);
  try {
    return readlinkSync(`/proc/${String(pid)}/cwd`) === realpathSync(cluster);
  } catch {
    // Gone, or somebody else's process, which cannot be in our folder.
    return false;
  }
}

function listProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number);
}
