import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Ask, Reply, ReplyMessage } from './conversation';

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (fault: Error) => void;
}

/** One organisation of the demo, in a process of its own. */
export class OrganisationProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  constructor(
    readonly name: string,
    actorFile: string = join(__dirname, 'organisation-actor.js'),
  ) {
    this.#child = fork(actorFile, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let complaint = '';
    this.#child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString('utf8')).slice(-2_000)));
    this.#child.on('message', (message) => this.#settle(message as ReplyMessage));
    this.#child.on('exit', (code) =>
      this.#failAll(new Error(`The process of ${name} ended (${code ?? 'killed'}). ${complaint}`)),
    );
  }

  async ask(ask: Ask): Promise<Reply> {
    const id = this.#nextId++;
    return await new Promise<Reply>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, ask }, (fault) => {
        if (fault !== null) this.#settle({ id, fault: fault.message });
      });
    });
  }

  /** Ends the process. */
  close(): void {
    this.#child.removeAllListeners('exit');
    this.#child.kill();
  }

  #settle(message: ReplyMessage): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('fault' in message) waiting?.reject(new Error(`${this.name}: ${message.fault}`));
    else waiting?.resolve(message.reply);
  }

  #failAll(fault: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(fault);
    this.#waiting.clear();
  }
}
