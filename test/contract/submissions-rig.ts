import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuthFetch, PrivateKey } from '@bsv/sdk';
import { createTestDatabase, DevWallet, fundWalletFromDevnet, type TestDatabase, waitUntil } from '#testkit';
import { createApplication } from '../../src/application';
import { attachDevnet, parseSettings, resolveConfig } from '../../src/config';
import { startDevnet, type Devnet } from '../../src/devnet';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed JSON of the body. */
  readonly json: Record<string, unknown>;
  readonly octets: Uint8Array;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A party with a wallet that talks through unmodified `AuthFetch`. */
export class Caller {
  /** Makes and spends documents. */
  readonly wallet: DevWallet;
  /** Pays the gateway, from coins of its own: no payment rests on a document that the gateway is asked to refuse. */
  readonly purse: DevWallet;
  readonly authFetch: AuthFetch;

  constructor(
    private readonly gatewayUrl: string,
    readonly key = PrivateKey.fromRandom(),
  ) {
    this.wallet = new DevWallet(key);
    this.purse = new DevWallet(key);
    this.authFetch = new AuthFetch(this.purse);
  }

  /** The same party before another gateway, with a session of its own and no coins. */
  at(gatewayUrl: string): Caller {
    return new Caller(gatewayUrl, this.key);
  }

  async call(path: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<Answer> {
    const given = body === undefined ? {} : { body };
    const response = await this.authFetch.fetch(`${this.gatewayUrl}${path}`, { method, headers, ...given });
    const octets = new Uint8Array(await response.arrayBuffer());
    const text = Buffer.from(octets).toString('utf8');
    // AuthFetch hands on signed headers alone, and BRC-104 does not sign the content type of an answer.
    const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, text, json, octets };
  }

  submit(beef: Uint8Array, over: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const body = JSON.stringify({ beef: Buffer.from(beef).toString('base64'), topics: ['tm_documents'], ...over });
    return this.call('/v1/submissions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  }

  /** Asks what would become of a submission. */
  explain(beef: Uint8Array, over: Record<string, unknown> = {}): Promise<Answer> {
    const body = JSON.stringify({ beef: Buffer.from(beef).toString('base64'), ...over });
    return this.call('/v1/verifications', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }

  lookup(query: unknown, service = 'ls_documents'): Promise<Answer> {
    const body = JSON.stringify({ service, query });
    return this.call('/v1/lookup', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }
}

interface OpenGateway {
  readonly app: NestFastifyApplication;
  readonly url: string;
}

const openGateway = async (settings: ReturnType<typeof parseSettings>, devnet: Devnet): Promise<OpenGateway> => {
  const app = await createApplication(attachDevnet(resolveConfig(settings), devnet.url));
  await app.listen(settings.port, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  await waitUntil('the gateway is ready', async () => (await fetch(`${url}/health/ready`)).ok);
  return { app, url };
};

/** The whole gateway in this process, on a real database and a development network. */
export class SubmissionsRig {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly database: TestDatabase,
    readonly devnet: Devnet,
    readonly url: string,
    private readonly folder: string,
    private readonly settings: ReturnType<typeof parseSettings>,
  ) {}

  /** `settings` over those of the rig. */
  static async open(settings: Record<string, unknown> = {}): Promise<SubmissionsRig> {
    // AuthFetch prints each payment with its whole transaction.
    for (const level of ['info', 'warn', 'error'] as const)
      jest.spyOn(console, level).mockImplementation(() => undefined);
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-submissions-'));
    const database = await createTestDatabase();
    const devnet = await startDevnet({ port: 0, dataDir: join(folder, 'devnet') });
    const parsed = parseSettings({
      dataDir: join(folder, 'data'),
      databaseUrl: database.url,
      identityKey: randomBytes(32).toString('hex'),
      devnetUrl: devnet.url,
      port: 0,
      metricsPort: 0,
      relayPollMs: 100,
      verificationWorkers: 1,
      logLevel: 'error',
      ...settings,
    });
    const { app, url } = await openGateway(parsed, devnet);
    return new SubmissionsRig(app, database, devnet, url, folder, parsed);
  }

  /** Another gateway on the same database, as after a restart, with the same settings but for `over`; whoever asks for it closes it. */
  openReplica(over: Partial<ReturnType<typeof parseSettings>> = {}): Promise<OpenGateway> {
    return openGateway({ ...this.settings, ...over }, this.devnet);
  }

  async openCaller(satoshis = 100_000): Promise<Caller> {
    const caller = new Caller(this.url);
    await fundWalletFromDevnet(caller.wallet, this.devnet.url, satoshis);
    await fundWalletFromDevnet(caller.purse, this.devnet.url, satoshis);
    await this.mine();
    return caller;
  }

  /** The same owner with coins of its own, so that two spends of one document share nothing else. */
  async openTwin(caller: Caller): Promise<DevWallet> {
    const twin = new DevWallet(caller.key);
    await fundWalletFromDevnet(twin, this.devnet.url, 100_000);
    await this.mine();
    return twin;
  }

  /** A block, and its header at the gateway: what was funded in it can be proven. */
  async mine(): Promise<void> {
    const { height } = (await this.order('mine', { blocks: 1 })) as { height: number };
    const best = 'select coalesce(max(height), 0)::int as height from portcullis.block_header where is_best';
    await waitUntil(`header ${height} is known`, async () => {
      const [row] = await this.database.owner.query<{ height: number }[]>(best);
      return (row?.height ?? 0) >= height;
    });
  }

  /** A block, and until everything that was submitted is known to be in one. */
  async mineUntilProven(): Promise<void> {
    await this.waitUntilBroadcast();
    await this.mine();
    const unproven = `select count(*)::int as n from portcullis.transition where settlement not in ('mined', 'final', 'retracted')`;
    await waitUntil('everything is proven', async () => (await this.ask(unproven)) === 0);
  }

  async waitUntilBroadcast(): Promise<void> {
    const waiting = `select count(*)::int as n from portcullis.transition where settlement in ('applied', 'broadcast')`;
    await waitUntil('everything is with the network', async () => (await this.ask(waiting)) === 0);
  }

  private async ask(sql: string): Promise<number> {
    const [row] = await this.database.owner.query<{ n: number }[]>(sql);
    return row?.n ?? -1;
  }

  async order(name: string, order: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.devnet.url}/admin/${name}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(order),
    });
    if (!answer.ok) throw new Error(`The development network answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  async count(table: string): Promise<number> {
    const rows = await this.database.owner.query<{ n: number }[]>(`select count(*)::int as n from portcullis.${table}`);
    return rows[0]?.n ?? -1;
  }

  /** Rows of everything that a submission could leave behind. */
  async countAll(): Promise<Record<string, number>> {
    const tables = [
      'transaction',
      'transition',
      'applied_transaction',
      'spent_outpoint',
      'topic_output',
      'topic_output_key',
    ];
    const more = ['basket_output', 'payment_claim', 'settlement_event', 'outbox', 'audit_leaf'];
    const acts = ['basket_output_tag', 'reservation', 'offer', 'audited_act'];
    const counts = await Promise.all(
      [...tables, ...more, ...acts].map(async (table) => [table, await this.count(table)] as const),
    );
    return Object.fromEntries(counts);
  }

  /** By table, all that the gateway's tables hold, but for what every authenticated request leaves: its nonce, and its session. */
  async digestAll(): Promise<Record<string, string>> {
    const tables = await this.database.owner.query<{ name: string }[]>(
      `select table_name as name from information_schema.tables where table_schema = 'portcullis' and table_name not like 'auth\\_%'`,
    );
    const digests = await Promise.all(
      tables.map(async ({ name }) => {
        const [row] = await this.database.owner.query<{ digest: string }[]>(
          `select count(*) || ' rows, ' || md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as digest from portcullis."${name}" t`,
        );
        return [name, row?.digest ?? ''] as const;
      }),
    );
    return Object.fromEntries(digests);
  }

  /** Status and code of a refusal, which leaves no trace: nothing is stored, not even its payment. */
  async refused(act: () => Promise<Answer>): Promise<[number, unknown]> {
    const before = await this.countAll();
    const { status, json } = await act();
    // The relay goes on with what was accepted earlier.
    const { outbox: _outbox, settlement_event: _events, ...after } = await this.countAll();
    expect(before).toMatchObject(after);
    const problem = { requestId: expect.any(String), next: expect.any(String), detail: expect.any(String) };
    expect(json).toMatchObject(problem);
    return [status, json['code']];
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.devnet.close();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
