import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const READY_WAIT_MS = 60_000;
const READY_POLL_MS = 150;
const STOP_WAIT_MS = 15_000;
const LINES_KEPT = 200;

const START = [join(__dirname, '..', 'main.js'), 'start'];

/** What `portcullis start --json` prints when its ports are open. */
export interface ReadyLine {
  readonly ready: true;
  readonly api: string;
  readonly metrics: string;
  /** Absent when the development network is not its own. */
  readonly devnet?: string;
  /** The setup link; absent where somebody is named in the configuration, or where one is in force. */
  readonly setup?: string;
}

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
  readonly child: ChildProcess;
  /** Its ports are open. Rejects with its last words when it ends before that. */
  readonly ready: Promise<ReadyLine>;
  /** The exit code, or the signal that ended it; every line that it printed has been read by then. */
  readonly ended: Promise<number | string>;
  readonly #said: string[] = [];
  #running = true;

  constructor(env: NodeJS.ProcessEnv, command: readonly string[] = START) {
    const child = spawn(process.execPath, [...command, '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#said.push(line);
      if (this.#said.length > LINES_KEPT) this.#said.shift();
    });
    // "close" comes after the last line of output, "exit" may come before it.
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#running = false;
        resolve(code ?? signal ?? 'unknown');
      });
    });
    this.ready = new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as ReadyLine);
      });
      void this.ended.then((how) =>
        reject(new Error(`The gateway ended with ${how}. Its last words:\n${this.output}`)),
      );
    });
    // Whoever expects the end does not look at `ready`.
    this.ready.catch(() => undefined);
  }

  /** The last of what it wrote to standard error. */
  get output(): string {
    return this.#said.join('\n');
  }

  /** Answers its URL once it says that it is ready to serve; stops it and throws its last words when that takes longer than a minute. */
  async waitUntilReady(): Promise<string> {
    const deadline = Date.now() + READY_WAIT_MS;
    const { api } = await this.ready;
    while (!(await isReady(api))) {
      if (!this.#running || Date.now() > deadline) {
        await this.stop();
        throw new Error(`The gateway at ${api} did not become ready. Its last words:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
    return api;
  }

  /** Ends it as an operator would; whatever still runs after the wait is killed. */
  async stop(): Promise<void> {
    if (this.#running) this.child.kill('SIGTERM');
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), STOP_WAIT_MS);
    await this.ended;
    clearTimeout(impatience);
  }
}
