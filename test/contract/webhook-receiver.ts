import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Delivery {
  readonly path: string;
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly data: { readonly txid: string; readonly position: number; readonly kind: string };
}
export type Reply = (delivery: Delivery, response: ServerResponse) => void;

/** Delivered, and done with. */
export const take: Reply = (_delivery, response) => void response.writeHead(204).end();

/** A receiver of events as somebody else would write it; what it answers is told by the test. */
export class Receiver {
  readonly deliveries: Delivery[] = [];
  /** At the same time, at most. */
  most = 0;
  /** Of the subscription of the test that runs; all others are taken. */
  reply: Reply = take;
  readonly #server: Server;
  #open = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }
  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }
  get host(): string {
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }
  at(path: string): Delivery[] {
    return this.deliveries.filter((delivery) => delivery.path === path);
  }
  txidsAt(path: string): string[] {
    return this.at(path).map(({ data }) => data.txid);
  }
  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.most = Math.max(this.most, ++this.#open);
    response.on('close', () => (this.#open -= 1));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const headers = request.headers as Record<string, string>;
    const { data } = JSON.parse(body) as Pick<Delivery, 'data'>;
    const delivery = { path: request.url ?? '', id: headers['webhook-id'] ?? '', headers, body, data };
    this.deliveries.push(delivery);
    this.reply(delivery, response);
  }
}
