import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Fault, type FaultPlace, type FaultPlan, spoilMerklePath } from './faults';

export interface Exchange {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly remoteAddress: string;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body: unknown;
}

export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly fault?: FaultPlace;
  run(exchange: Exchange, match: readonly string[]): Answer | Promise<Answer>;
}

const BODY_BYTES_MAX = 32 * 1024 * 1024;
const HUGE_BODY_BYTES = 64 * 1024 * 1024;

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body,
});

const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const send = (response: ServerResponse, { status, type, headers, body }: Answer): void => {
  const raw = Buffer.isBuffer(body) || typeof body === 'string';
  const bytes = raw ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': type ?? (raw ? 'text/plain; charset=utf-8' : 'application/json'),
    'content-length': String(Buffer.byteLength(bytes)),
    ...headers,
  });
  response.end(bytes);
};

/** What the fault says instead of the truth. Undefined: the exchange goes on. */
const answerFalsely = (fault: Fault): Answer | undefined => {
  switch (fault.kind) {
    case 'status':
      return json(fault.status, { status: fault.status, title: 'Ordered fault' }, { 'retry-after': '1' });
    case 'answer':
      return json(fault.status, fault.body);
    case 'rejected':
      return json(200, {
        txid: '0'.repeat(64),
        txStatus: 'REJECTED',
        extraInfo: 'ordered fault',
        status: 200,
        title: 'OK',
      });
    case 'garbage':
      return { status: 200, type: 'application/json', body: '{"txid": <html>not json' };
    case 'huge-body':
      return { status: 200, type: 'application/json', body: Buffer.alloc(HUGE_BODY_BYTES, 0x20) };
    default:
      return undefined;
  }
};

const spoil = (fault: Fault, answer: Answer): Answer => {
  const body = answer.body as Record<string, unknown>;
  if (fault.kind === 'wrong-txid') return { ...answer, body: { ...body, txid: 'de'.repeat(32) } };
  const path = typeof body.merklePath === 'string' ? body.merklePath : '';
  if (fault.kind === 'wrong-merkle-path' && path !== '') {
    return { ...answer, body: { ...body, merklePath: spoilMerklePath(path) } };
  }
  return answer;
};

export class DevnetServer {
  readonly server: Server;
  readonly #delays = new Set<NodeJS.Timeout>();

  constructor(
    private readonly routes: readonly Route[],
    private readonly faults: FaultPlan,
  ) {
    this.server = createServer((request, response) => {
      this.#handle(request, response).catch((cause: unknown) => {
        if (response.headersSent) response.destroy();
        else send(response, json(500, { title: 'Internal error', status: 500, detail: String(cause) }));
      });
    });
  }

  close(): Promise<void> {
    for (const delay of this.#delays) clearTimeout(delay);
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://devnet.invalid');
    const matching = this.routes.filter((route) => route.pattern.test(url.pathname));
    const route = matching.find(({ method }) => method === request.method);
    if (!route) {
      const status = matching.length > 0 ? 405 : 404;
      return send(response, json(status, { status, title: status === 405 ? 'Method not allowed' : 'Not found' }));
    }
    const body = await readBody(request);
    if (!body) return send(response, json(413, { status: 413, title: 'Payload too large' }, { connection: 'close' }));
    const exchange: Exchange = {
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      remoteAddress: request.socket.remoteAddress ?? '',
      body,
    };
    await this.#answer(route, exchange, response);
  }

  async #answer(route: Route, exchange: Exchange, response: ServerResponse): Promise<void> {
    const match = route.pattern.exec(exchange.path) ?? [];
    const fault = route.fault && this.faults.take(route.fault);
    if (!fault) return send(response, await route.run(exchange, match));
    if (fault.kind === 'hang') return;
    if (fault.kind === 'drop') return void response.destroy();
    if (fault.kind === 'delay') await this.#wait(fault.delayMs);
    const answer = answerFalsely(fault) ?? spoil(fault, await route.run(exchange, match));
    if (fault.kind === 'drop-answer') return void response.destroy();
    send(response, answer);
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const delay = setTimeout(() => {
        this.#delays.delete(delay);
        resolve();
      }, delayMs);
      this.#delays.add(delay);
    });
  }
}
