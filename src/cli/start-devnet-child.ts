import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Config } from '../config';
import { CommandError, exitCodes } from './exit-codes';

const READY_MS_MAX = 30_000;
const STOP_MS_MAX = 5_000;

export interface DevnetChild {
  readonly url: string;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** The development network as a process of its own, so that its work never blocks the gateway it judges. */
export async function startDevnetChild(config: Config): Promise<DevnetChild> {
  const argv = ['devnet', '--port', String(config.devnetPort), '--data-dir', join(config.dataDir, 'devnet')];
  const child = spawn(process.execPath, [join(__dirname, '..', 'main.js'), ...argv], {
    // Its own group: Ctrl-C must reach the gateway alone. The channel tells it when the gateway is gone.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(`The development network ended with ${signal ?? `code ${String(code)}`}.`);
    });
    child.once('error', (error) => {
      resolve(`The development network cannot be started: ${error.message}.`);
    });
  });
  const url = await waitForUrl(child, ended);
  // Loaded late, as everything that a refused configuration does not need.
  const { Log } = await import('../telemetry/log.js');
  const log = new Log({ level: config.logLevel });
  log.write('warn', 'a development network was started for this gateway; not for production', { url, pid: child.pid });
  return { url, ended, stop: () => stopChild(child, ended) };
}

function waitForUrl(child: ChildProcess, ended: Promise<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new CommandError(exitCodes.fault, reason));
    };
    const timer = setTimeout(() => {
      fail('The development network does not get ready.');
    }, READY_MS_MAX);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve((message as { url: string }).url);
    });
    void ended.then(fail);
  });
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await ended;
  clearTimeout(impatience);
}
