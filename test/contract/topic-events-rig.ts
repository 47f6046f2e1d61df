import { type IncomingMessage, request } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { commitTransition } from '#ledger';
import type { TopicEvent } from '#client';
import { buildPlainTransaction, outpointOf, planPlainCommit, randomOutpoint, waitUntil } from '#testkit';
import type { PlainTransaction } from '#testkit';
import type { DataSource } from 'typeorm';
import { TopicEventsModule, WebhookDeliveryModule } from '../../src/topic-events';
import type { SettingsInput } from '../../src/config';
import { type GatewayRig, openGateway } from './gateway-rig';
import { RawCaller } from './raw-caller';

export const TOPIC = 'tm_documents';

const memberKeys = {
  acme: PrivateKey.fromHex('a1'.repeat(32)),
  globex: PrivateKey.fromHex('a2'.repeat(32)),
  initech: PrivateKey.fromHex('a3'.repeat(32)),
  hooli: PrivateKey.fromHex('a4'.repeat(32)),
  umbrella: PrivateKey.fromHex('a5'.repeat(32)),
};
const organisations = Object.fromEntries(
  Object.entries(memberKeys).map(([name, key]) => [name, [key.toPublicKey().toString()]]),
);

/** The gateway with topics, their events and their webhooks. Nothing is broadcast: transitions are committed straight at the ledger. */
export const openTopicsGateway = (
  options: { database?: GatewayRig['database']; settings?: SettingsInput } = {},
): Promise<GatewayRig> =>
  openGateway({
    ...options,
    settings: { organisations, ...options.settings },
    imports: [TopicEventsModule, WebhookDeliveryModule] as never,
  });

/** One of each organisation. */
export const openMembers = (origin: string): Promise<RawCaller[]> =>
  Promise.all(Object.values(memberKeys).map((key) => RawCaller.open(origin, new ProtoWallet(key))));

/** Somebody who belongs to no organisation. */
export const openCaller = (origin: string): Promise<RawCaller> =>
  RawCaller.open(origin, new ProtoWallet(PrivateKey.fromRandom()));

export interface PlainStep {
  readonly topic?: string;
  readonly organisation?: string;
  readonly satoshis?: readonly number[];
  /** Its first output is spent and, unless told otherwise, not kept. */
  readonly spends?: PlainTransaction;
  readonly retain?: boolean;
}

/** THE COMMIT of a transition that admits every output to a topic. */
export const commitStep = async (db: DataSource, step: PlainStep = {}): Promise<PlainTransaction> => {
  const { topic = TOPIC, organisation = 'acme', satoshis = [1_000], spends, retain = false } = step;
  const subject = buildPlainTransaction([spends === undefined ? randomOutpoint() : outpointOf(spends)], [...satoshis]);
  const coins = spends === undefined ? [] : [{ txid: spends.txid, vout: 0, retain }];
  const ancestors = spends === undefined ? [] : [spends];
  const committed = await commitTransition(db, planPlainCommit({ subject, topic, organisation, coins, ancestors }));
  if (!committed.ok) throw new Error(`${committed.rejection.code}: ${committed.rejection.detail}`);
  return subject;
};

export const commitSteps = async (db: DataSource, count: number): Promise<PlainTransaction[]> => {
  const subjects: PlainTransaction[] = [];
  for (let made = 0; made < count; made += 1) subjects.push(await commitStep(db));
  return subjects;
};

export interface Heard {
  readonly id: number;
  readonly name: string;
  readonly data: Partial<TopicEvent>;
}

const parse = (text: string): Heard[] =>
  text
    .split('\n\n')
    .slice(0, -1)
    .filter((block) => !block.startsWith(':'))
    .map((block) => {
      const [, id = '', name = '', data = ''] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/u.exec(block) ?? [];
      return { id: Number(id), name, data: JSON.parse(data) as Partial<TopicEvent> };
    });

type ConnectOptions = Pick<RequestOptions, 'ca' | 'cert' | 'key'> & { readonly headers?: Record<string, string> };

/** One stream as its octets come: what `EventSource` would see, and when it ended. */
export class RawStream {
  text = '';
  ended = false;

  private constructor(readonly message: IncomingMessage) {
    message.setEncoding('utf8');
    message.on('data', (chunk: string) => (this.text += chunk));
    message.on('end', () => (this.ended = true));
    message.on('error', () => undefined); // cut off, by us
  }

  static async open(
    caller: RawCaller,
    { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
  ): Promise<RawStream> {
    const signed = await caller.sign({ method: 'GET', url: `/v1/topics/${TOPIC}/events${query}`, headers });
    return RawStream.connect(`${caller.origin}${signed.url}`, { headers: { ...signed.headers } });
  }

  /** By somebody who does not sign. */
  static async connect(url: string, { headers, ...tls }: ConnectOptions): Promise<RawStream> {
    const send = url.startsWith('https:') ? requestHttps : request;
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { headers: { accept: 'text/event-stream', ...headers }, agent: false as const, ...tls };
      send(url, options, resolve).on('error', reject).end();
    });
    return new RawStream(message);
  }

  get status(): number {
    return this.message.statusCode ?? 0;
  }
  /** Without the first, which says where it stands. */
  get heard(): Heard[] {
    return parse(this.text).filter(({ name }) => name !== 'ready');
  }
  get start(): number | undefined {
    return parse(this.text).find(({ name }) => name === 'ready')?.id;
  }
  get txids(): (string | undefined)[] {
    return this.heard.map(({ data }) => data.txid);
  }

  async waitFor(count: number): Promise<Heard[]> {
    await waitUntil(`${count} events`, () => this.heard.length >= count);
    return this.heard;
  }
  async waitReady(): Promise<number> {
    await waitUntil('the stream stands ready', () => this.start !== undefined);
    return this.start ?? Number.NaN;
  }
  cut(): void {
    this.message.destroy();
  }
}
