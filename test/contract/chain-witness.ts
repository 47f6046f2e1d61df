import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Saying {
  readonly status: number;
  readonly body: string;
}

/** A peer with the API of WhatsOnChain, on a port of its own: it hands on what the development network answers, but for what it lies about. */
export class ChainWitness {
  readonly lies = new Map<string, Saying>();
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  /** Of the development network. */
  truth = '';

  private constructor(private readonly server: Server) {}

  static async open(): Promise<ChainWitness> {
    const server = createServer();
    const witness = new ChainWitness(server);
    server.on('request', ({ url = '' }, response) => {
      void witness.answer(url).then(({ status, body }) => response.writeHead(status).end(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return witness;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  get host(): string {
    return new URL(this.url).host;
  }

  /** What it would answer now: a lie is best made of it. */
  async answer(path: string): Promise<Saying> {
    this.asked.push(path);
    const lie = this.lies.get(path);
    if (lie !== undefined) return lie;
    const answer = await fetch(`${this.truth}/whatsonchain${path}`);
    return { status: answer.status, body: await answer.text() };
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
