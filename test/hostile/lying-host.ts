import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transaction } from '@bsv/sdk';

export interface NodeQuestion {
  readonly graphID: string;
  readonly txid: string;
  readonly outputIndex: number;
}

export interface NodeAnswer {
  readonly graphID: string;
  readonly rawTx: string;
  readonly outputIndex: number;
  readonly proof?: string | undefined;
}

/** How a host lies. What is absent it does as an honest one would that holds the given transactions. */
export interface Lie {
  readonly list?: (response: ServerResponse) => void;
  readonly node?: (question: NodeQuestion, honest: NodeAnswer | undefined, response: ServerResponse) => unknown;
}

export interface Held {
  readonly rawTx: string;
  readonly proof: string | undefined;
}

/** A transaction with all ancestors of its BEEF, as an honest host would serve them. */
export function holdBeef(beef: Uint8Array): Map<string, Held> {
  const held = new Map<string, Held>();
  const waiting: Transaction[] = [Transaction.fromAtomicBEEF([...beef])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    held.set(next.id('hex'), { rawTx: next.toHex(), proof: next.merklePath?.toHex() });
    for (const { sourceTransaction } of next.inputs)
      if (sourceTransaction !== undefined) waiting.push(sourceTransaction);
  }
  return held;
}

const read = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

const send = (response: ServerResponse, body: unknown, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** A GASP host that lists one output and lies about it. */
export class LyingHost {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(tip: string, held: ReadonlyMap<string, Held>, lie: Lie): Promise<LyingHost> {
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const text = await read(request);
      if (request.url === '/requestSyncResponse') {
        if (lie.list !== undefined) return lie.list(response);
        return send(response, { UTXOList: [{ txid: tip, outputIndex: 0, score: 7 }], since: 0 });
      }
      const question = JSON.parse(text) as NodeQuestion;
      const found = held.get(question.txid);
      const { graphID, outputIndex } = question;
      const honest = found && { graphID, outputIndex, ...found };
      const told = lie.node === undefined ? honest : lie.node(question, honest, response);
      if (response.writableEnded || response.headersSent || told === 'nothing') return;
      if (told === undefined) return send(response, { status: 'error', message: 'unknown' }, 400);
      send(response, told);
    };
    const server = createServer((request, response) => {
      response.on('error', () => undefined);
      void answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new LyingHost(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
