import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const top = join(__dirname, '..', '..');
const LINES_KEPT = 200;

export interface ReadyLine {
  readonly ready: true;
  readonly api: string;
  readonly metrics: string;
  readonly devnet?: string;
}

export interface GatewayProcess {
  readonly child: ChildProcess;
  /** Rejects with what the process said when it ends before it is ready. */
  readonly ready: Promise<ReadyLine>;
  readonly ended: Promise<number | string>;
  stderr(): string;
}

/** The settings of this machine must not reach the process under test. */
export function cleanEnvironment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTCULLIS_'));
  const ports = { PORTCULLIS_PORT: '0', PORTCULLIS_METRICS_PORT: '0', PORTCULLIS_DEVNET_PORT: '0' };
  return { ...Object.fromEntries(inherited), ...ports, ...settings };
}

/** `npm start` without npm: builds when stale and becomes the gateway, in one process. */
export function startGatewayProcess(settings: Record<string, string>): GatewayProcess {
  const child = spawn(process.execPath, [join(top, 'ops', 'launch', 'start.mjs'), '--json'], {
    cwd: top,
    env: cleanEnvironment(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    if (said.length > LINES_KEPT) said.shift();
  });
  // "close" comes after the last line of output, "exit" may come before it.
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const ready = new Promise<ReadyLine>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as ReadyLine);
    });
    void ended.then((how) => reject(new Error(`the gateway ended with ${String(how)}: ${said.join('\n')}`)));
  });
  // A test that expects the end does not look at `ready`.
  ready.catch(() => undefined);
  return { child, ready, ended, stderr: () => said.join('\n') };
}
