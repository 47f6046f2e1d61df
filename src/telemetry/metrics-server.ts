import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics';

/** `GET /metrics` on a port of its own, so that the operator's network rules can keep it from callers. */
export class MetricsServer {
  readonly #metrics: Metrics;
  readonly #server: Server;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (request, response) => {
      this.#answer(request, response);
    });
    this.#server.maxConnections = 64;
  }

  /** Rejects when the port is taken: a gateway that cannot be watched does not start. */
  async start(host: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** The port that was taken; undefined before the start. */
  get port(): number | undefined {
    return (this.#server.address() as AddressInfo | null)?.port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'GET' && request.url?.split('?', 1)[0] === '/metrics') {
      this.#metrics.exporter.getMetricsRequestHandler(request, response);
      return;
    }
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('The metrics are at /metrics.\n');
  }
}
