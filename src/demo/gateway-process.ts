import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const READY_WAIT_MS = 60_000;
const READY_POLL_MS = 150;
const STOP_WAIT_MS = 15_000;

const ENTRY = join(__dirname, '..', 'main.js');

/** True when something at `url` says that it is ready to serve. */
export const isReady = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
};

/** A gateway in a process of its own, stopped again by whoever started it. */
export class GatewayProcess {
  readonly #child: ChildProcess;
  #output = '';
  #ended = false;

  constructor(
    readonly url: string,
    env: NodeJS.ProcessEnv,
    entry: string = ENTRY,
  ) {
    this.#child = spawn(process.execPath, [entry, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk.toString('utf8')).slice(-8_000)));
    }
    this.#child.on('exit', () => (this.#ended = true));
  }

  /** The last of what it printed. */
  get output(): string {
    return this.#output;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async waitUntilReady(): Promise<void> {
    const deadline = Date.now() + READY_WAIT_MS;
    while (!(await isReady(this.url))) {
      if (this.#ended || Date.now() > deadline) {
        await this.stop();
        throw new Error(`The gateway at ${this.url} did not become ready. Its last words:\n${this.#output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
  }

  async stop(): Promise<void> {
    if (this.#ended) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WAIT_MS);
    await exited;
    clearTimeout(timer);
  }
}
