import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A load balancer without memory: each request goes to the next of `targets`, so a caller's session never stays on one replica. */
export class RoundRobin {
  readonly #server: Server;
  /** Requests passed to each target, in the order of `targets`. */
  readonly passed: number[];

  private constructor(targets: readonly URL[]) {
    this.passed = targets.map(() => 0);
    let turn = 0;
    this.#server = createServer((incoming, outgoing) => {
      const index = turn++ % targets.length;
      const target = targets[index] as URL;
      this.passed[index] = (this.passed[index] ?? 0) + 1;
      const { method, url: path, rawHeaders: headers } = incoming;
      const onward = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
  }

  static async open(targets: readonly string[]): Promise<RoundRobin> {
    const balancer = new RoundRobin(targets.map((target) => new URL(target)));
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
