import { MessageChannel, Worker, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { relayOutput } from './relay-output';
import { sayError } from './say-error';
import { threadEntry } from './thread-entry';
import type { LoadOrder, ThreadOpening, ThreadOrder, ThreadReport } from './thread-message';

export interface LifeSettings {
  readonly name: string;
  readonly load: LoadOrder;
  readonly memoryMb: number;
  readonly onReport: (report: ThreadReport) => void;
  /** Once, whatever ended it. */
  readonly onEnd: (reason: string) => void;
  readonly onLine: (line: string) => void;
}

/** What an extension may know of the process around it: nothing that is ours. */
const SHARED_VARIABLES = ['NODE_ENV', 'TZ', 'LANG', 'LC_ALL', 'NODE_EXTRA_CA_CERTS'];
const sharedEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => SHARED_VARIABLES.includes(name)));

/** One worker thread of an extension, from its start to its end. */
export class ThreadLife {
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private reason = 'its thread ended by itself';
  private over = false;

  constructor(settings: LifeSettings) {
    const { file, execArgv } = threadEntry();
    this.worker = new Worker(file, {
      execArgv,
      name: settings.name,
      argv: [],
      env: sharedEnvironment(),
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb },
      stdout: true,
      stderr: true,
    });
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.port.on('message', (report: ThreadReport) => {
      if (!this.over) settings.onReport(report);
    });
    this.worker.on('error', (error: NodeJS.ErrnoException) => {
      const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.reason = isFull ? 'it outgrew its memory' : `its thread died of ${sayError(error)}`;
    });
    this.worker.on('exit', () => this.finish(settings));
    relayOutput(this.worker.stdout, settings.onLine);
    relayOutput(this.worker.stderr, settings.onLine);
    this.worker.postMessage({ port: port2, load: settings.load } satisfies ThreadOpening, [port2]);
    // The server keeps the gateway alive, and a command without one must be able to end.
    this.worker.unref();
    this.port.unref();
  }

  send(order: ThreadOrder): void {
    this.port.postMessage(order);
  }

  /** Ends it from outside; `onEnd` is told this reason. */
  async end(reason: string): Promise<void> {
    this.reason = reason;
    await this.worker.terminate();
  }

  private finish({ onReport, onEnd }: LifeSettings): void {
    if (this.over) return;
    // The end of a thread may overtake what it said last, which came by another port: why it cannot be hosted, or an answer.
    for (let last = receiveMessageOnPort(this.port); last !== undefined; last = receiveMessageOnPort(this.port))
      onReport(last.message as ThreadReport);
    this.over = true;
    this.port.close();
    onEnd(this.reason);
  }
}
