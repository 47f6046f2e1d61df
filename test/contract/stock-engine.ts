import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Engine, type Output, type Storage } from '@bsv/overlay';
import type { ChainTracker } from '@bsv/sdk';
import { ChainTopicManager } from './gasp/chain-topic.cjs';
import { CHAIN } from './gasp-rig';

/** The storage contract of `@bsv/overlay` in memory, for one topic, without a rule of its own. */
export class MemoryStorage implements Storage {
  readonly outputs: Output[] = [];
  private readonly scores = new Map<string, number>();
  private readonly applied = new Set<string>();

  async insertOutput(output: Output): Promise<void> {
    this.outputs.push({ ...output });
  }

  async findOutput(txid: string, vout: number, topic?: string, spent?: boolean): Promise<Output | null> {
    const isWanted = (output: Output): boolean =>
      (topic === undefined || output.topic === topic) && (spent === undefined || output.spent === spent);
    const ofTransaction = await this.findOutputsForTransaction(txid);
    return ofTransaction.find((output) => output.outputIndex === vout && isWanted(output)) ?? null;
  }

  async findOutputsForTransaction(txid: string): Promise<Output[]> {
    return this.outputs.filter((output) => output.txid === txid);
  }

  async findUTXOsForTopic(topic: string, since = 0, limit = Infinity): Promise<Output[]> {
    const unspent = this.outputs.filter((output) => output.topic === topic && !output.spent);
    const listed = unspent.map((output) => ({ ...output, score: output.score ?? 0 }));
    return listed
      .filter(({ score }) => score >= since)
      .sort((a, b) => a.score - b.score)
      .slice(0, limit);
  }

  async deleteOutput(txid: string, vout: number): Promise<void> {
    const place = this.outputs.findIndex((output) => output.txid === txid && output.outputIndex === vout);
    if (place >= 0) this.outputs.splice(place, 1);
  }

  async markUTXOAsSpent(txid: string, vout: number): Promise<void> {
    const output = await this.findOutput(txid, vout);
    if (output !== null) output.spent = true;
  }

  async updateConsumedBy(txid: string, vout: number, _: string, consumedBy: Output['consumedBy']): Promise<void> {
    const output = await this.findOutput(txid, vout);
    if (output !== null) output.consumedBy = consumedBy;
  }

  async updateTransactionBEEF(txid: string, beef: number[]): Promise<void> {
    for (const output of await this.findOutputsForTransaction(txid)) output.beef = beef;
  }

  async insertAppliedTransaction({ txid, topic }: { txid: string; topic: string }): Promise<void> {
    this.applied.add(`${txid} ${topic}`);
  }

  async doesAppliedTransactionExist({ txid, topic }: { txid: string; topic: string }): Promise<boolean> {
    return this.applied.has(`${txid} ${topic}`);
  }

  async updateLastInteraction(host: string, topic: string, since: number): Promise<void> {
    this.scores.set(`${host} ${topic}`, since);
  }

  async getLastInteraction(host: string, topic: string): Promise<number> {
    return this.scores.get(`${host} ${topic}`) ?? 0;
  }
}

/** The headers of a development network, as an Engine asks for them. */
export const trackChain = (devnetUrl: string): ChainTracker => {
  const read = async (path: string): Promise<{ height?: number; merkleRoot?: string }> =>
    (await (await fetch(`${devnetUrl}/chaintracks/v2/${path}`)).json()) as { height?: number; merkleRoot?: string };
  return {
    currentHeight: async () => (await read('height')).height ?? 0,
    isValidRootForHeight: async (root, height) => (await read(`header/height/${height}`)).merkleRoot === root,
  };
};

/** `@bsv/overlay` as published, with the topic of these tests; its two GASP routes are on HTTP as `overlay-express` puts them there. */
export class StockEngine {
  readonly storage = new MemoryStorage();
  readonly engine: Engine;
  private server: Server | undefined;

  constructor(chain: ChainTracker, peers: string[] = []) {
    this.engine = new Engine({ [CHAIN]: new ChainTopicManager() }, {}, this.storage, chain);
    this.engine.syncConfiguration = { [CHAIN]: peers };
  }

  /** `<txid>.<vout>` of its coins, in order. */
  print(kind: 'unspent' | 'retained'): string[] {
    const found = this.storage.outputs.filter(({ spent }) => spent === (kind === 'retained'));
    return found.map(({ txid, outputIndex }) => `${txid}.${outputIndex}`).sort();
  }

  async listen(): Promise<string> {
    const server = createServer((request, response) => void this.answer(request, response));
    this.server = server;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, body] = await this.ask(request).then(
      (answer) => [200, answer] as const,
      (fault: unknown) => [400, { status: 'error', message: (fault as Error).message }] as const,
    );
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  private async ask(request: IncomingMessage): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as never;
    if (request.url === '/requestSyncResponse')
      return this.engine.provideForeignSyncResponse(body, String(request.headers['x-bsv-topic']));
    const { graphID, txid, outputIndex } = body as { graphID: string; txid: string; outputIndex: number };
    return this.engine.provideForeignGASPNode(graphID, txid, outputIndex);
  }
}
