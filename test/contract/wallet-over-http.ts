import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DevWallet } from '#testkit';

const OFFERED = [
  'getPublicKey',
  'createSignature',
  'createAction',
  'signAction',
  'abortAction',
  'listOutputs',
] as const;
type Offered = (typeof OFFERED)[number];

const isOffered = (call: string): call is Offered => (OFFERED as readonly string[]).includes(call);

const readText = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

/** Bytes are lists of numbers in the JSON of BRC-100. */
const writeJson = (answer: unknown): string =>
  JSON.stringify(answer, (_name, value: unknown) => (value instanceof Uint8Array ? [...value] : value));

/** A wallet as `HTTPWalletJSON` of the SDK calls one: `POST /<call>` with the arguments as JSON. */
export class WalletOverHttp {
  /** Names of the calls that came, answered or not. */
  readonly calls: string[] = [];
  isAway = false;
  /** It does what the next such call asks for, and its answer never arrives. */
  loses: Offered | undefined;

  private constructor(
    readonly wallet: DevWallet,
    private readonly server: Server,
  ) {}

  static async open(wallet: DevWallet): Promise<WalletOverHttp> {
    const server = createServer();
    const opened = new WalletOverHttp(wallet, server);
    server.on('request', (request: IncomingMessage, response) => {
      void opened.answer(request).then(([status, text]) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return opened;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  count(call: Offered): number {
    return this.calls.filter((one) => one === call).length;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<[number, string]> {
    const call = request.url?.slice(1) ?? '';
    const args = JSON.parse(await readText(request)) as never;
    this.calls.push(call);
    if (this.isAway) return [503, '{"message":"away"}'];
    if (!isOffered(call)) return [404, '{"message":"unknown call"}'];
    try {
      const answer = await this.wallet[call](args);
      if (this.loses !== call) return [200, writeJson(answer)];
      this.loses = undefined;
      return [502, '{"message":"lost"}'];
    } catch (fault) {
      return [400, writeJson({ message: String(fault) })];
    }
  }
}
