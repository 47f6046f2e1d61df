import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey, Transaction } from '@bsv/sdk';
import { Client } from 'pg';
import { DevWallet, fundWalletFromDevnet, issueDocument, waitUntil } from '#testkit';
import { pay, readTerms } from '../contract/payment-rig';
import { RawCaller, replaceHeaders, type RawAnswer, type RawRequest } from '../contract/raw-caller';
import { RelayBench } from '../contract/relay-bench';
import { GatewayProcess } from '../../src/demo/gateway-process';

export const BINARY = join(__dirname, '..', '..', 'dist', 'src', 'main.js');
const HALT = join(__dirname, 'commit-halt.cjs');
const PRICE = 200;
/** Of the advisory locks that hold a COMMIT; the second number is the place in {@link HOLDS}. */
const LOCK_CLASS = 4711;

/** In the order in which THE COMMIT comes to them. */
const HOLDS = [
  'transition',
  'payment_claim',
  'spent_outpoint',
  'topic_output',
  'outbox',
  'audit_leaf',
  'topic_event',
  'topic_state',
  'the end',
] as const;
export type Hold = (typeof HOLDS)[number];

/** A point at which `commit-halt.cjs` stops the process. */
export type Halt = 'before-the-statement' | 'behind-the-statement';

/** A submission that is paid for, and the caller who sends it, in a session that outlives the gateway. */
export interface Order {
  readonly caller: RawCaller;
  readonly unpaid: RawRequest;
  readonly paid: RawRequest;
}

/** Verdicts and who was heard are remembered whatever becomes of a submission. */
const BESIDE_THE_COMMIT = ['auth_nonce', 'auth_session', 'script_verdict'];
/** That a payment has come is written on its terms before it is judged, so that no crash makes us ask for a second one (decision 57). */
const NOTE_BESIDE_THE_COMMIT = 'payment_seen';

/** Gateways of the built binary one after the other on one database, whose COMMIT can be held behind each of its parts. */
export class CommitKillRig {
  /** From the start of the process that follows a killed one until it is ready, in milliseconds. */
  readonly recoveries: number[] = [];
  private gateway: GatewayProcess | undefined;
  private origin = '';
  private wasKilled = false;

  private constructor(
    readonly bench: RelayBench,
    private readonly holder: Client,
    private readonly folder: string,
  ) {}

  static async open(): Promise<CommitKillRig> {
    const bench = await RelayBench.open();
    // A gateway that knows no header is not ready; one of role api is given them by others.
    await bench.syncHeaders();
    await plantHolds(bench);
    const holder = new Client({ connectionString: bench.database.url });
    await holder.connect();
    return new CommitKillRig(bench, holder, mkdtempSync(join(tmpdir(), 'portcullis-commit-')));
  }

  async startGateway(halt?: Halt): Promise<void> {
    await this.gateway?.stop();
    const startedAt = Date.now();
    this.gateway = this.start('api', halt);
    this.origin = await this.gateway.waitUntilReady();
    if (this.wasKilled) this.recoveries.push(Date.now() - startedAt);
    this.wasKilled = false;
  }

  get isRunning(): boolean {
    return this.gateway !== undefined;
  }

  startRelay(): GatewayProcess {
    return this.start('relay');
  }

  private start(role: string, halt?: Halt): GatewayProcess {
    // The settings of this machine must not reach the process under test.
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTCULLIS_'));
    const settings = {
      PORTCULLIS_ROLE: role,
      PORTCULLIS_DATA_DIR: join(this.folder, role),
      PORTCULLIS_DATABASE_URL: this.bench.database.url,
      PORTCULLIS_DEVNET_URL: this.bench.devnet.url,
      PORTCULLIS_IDENTITY_KEY: '11'.repeat(32),
      PORTCULLIS_PRICES: JSON.stringify([{ method: 'POST', path: '/v1/submissions', satoshis: PRICE }]),
      PORTCULLIS_PORT: '0',
      PORTCULLIS_METRICS_PORT: '0',
      PORTCULLIS_RELAY_POLL_MS: '100',
      PORTCULLIS_VERIFICATION_WORKERS: '1',
      PORTCULLIS_LOG_LEVEL: 'error',
      ...(halt && { CRASH_POINT: halt }),
    };
    const env = { ...Object.fromEntries(inherited), ...settings };
    return new GatewayProcess(env, [...(halt ? ['--require', HALT] : []), BINARY, 'start']);
  }

  /** A document and its payment, each from coins of its own. The terms are asked of the gateway that runs. */
  async makeOrder(): Promise<Order> {
    const key = PrivateKey.fromRandom();
    const [wallet, purse] = [new DevWallet(key), new DevWallet(key)];
    for (const funded of [wallet, purse]) await fundWalletFromDevnet(funded, this.bench.devnet.url, 10_000);
    await this.bench.syncHeaders();
    const documentId = randomBytes(8).toString('hex');
    const { beef } = await issueDocument(wallet, { kind: 'order', documentId, contentHash: randomBytes(32) });
    // The network has what the document stands on: each row of the outbox takes one arrival there.
    const anchor = Transaction.fromAtomicBEEF([...beef]).inputs[0]?.sourceTransaction;
    if (anchor === undefined) throw new Error('The document stands on nothing.');
    await this.bench
      .broadcaster()
      .broadcast(anchor.id('hex'), Uint8Array.from(anchor.toEF()), new AbortController().signal);
    const headers = { 'content-type': 'application/octet-stream', 'x-bsv-topics': '["tm_documents"]' };
    const unpaid = { method: 'POST', url: '/v1/submissions', headers, body: beef };
    const caller = await RawCaller.open(this.origin, purse);
    const terms = await caller.send(unpaid);
    if (terms.status !== 402) throw new Error(`The terms were ${terms.status}: ${terms.body.toString()}`);
    return { caller, unpaid, paid: replaceHeaders(unpaid, await pay(purse, readTerms(terms))) };
  }

  openCaller(wallet: DevWallet): Promise<RawCaller> {
    return RawCaller.open(this.origin, wallet);
  }

  /** To the gateway that runs now, under new authentication headers. */
  send({ caller }: Pick<Order, 'caller'>, request: RawRequest): Promise<RawAnswer> {
    return caller.at(this.origin).send(request);
  }

  async kill(): Promise<void> {
    const { gateway } = this;
    if (gateway === undefined) throw new Error('No gateway runs.');
    gateway.child.kill('SIGKILL');
    this.wasKilled = true;
    if ((await gateway.ended) !== 'SIGKILL') throw new Error(gateway.output);
    this.gateway = undefined;
  }

  /** It reads nothing more until it is killed. */
  freeze(): void {
    this.gateway?.child.kill('SIGSTOP');
  }

  async untilHalted(halt: Halt): Promise<void> {
    await waitUntil(`the gateway reached ${halt}`, () => this.gateway?.output.includes(`reached ${halt}`) ?? false);
  }

  async hold(hold: Hold): Promise<void> {
    await this.holder.query('select pg_advisory_lock($1, $2)', [LOCK_CLASS, HOLDS.indexOf(hold)]);
  }

  async release(hold: Hold): Promise<void> {
    await this.holder.query('select pg_advisory_unlock($1, $2)', [LOCK_CLASS, HOLDS.indexOf(hold)]);
  }

  /** The process of PostgreSQL whose COMMIT waits there. */
  async untilHeld(hold: Hold): Promise<number> {
    let backend: number | undefined;
    await waitUntil(`the COMMIT is held behind ${hold}`, async () => {
      const { rows } = await this.holder.query<{ pid: number }>(
        `select pid from pg_locks where locktype = 'advisory' and classid = $1 and objid = $2 and not granted
          and database = (select oid from pg_database where datname = current_database())`,
        [LOCK_CLASS, HOLDS.indexOf(hold)],
      );
      backend = rows[0]?.pid;
      return backend !== undefined;
    });
    return backend ?? -1;
  }

  async endBackend(backend: number): Promise<void> {
    await this.holder.query('select pg_terminate_backend($1)', [backend]);
  }

  /** What a connection of the dead gateway still does is done. */
  async untilQuiet(): Promise<void> {
    await waitUntil('the database is quiet', async () => {
      const { rows } = await this.holder.query(
        `select from pg_stat_activity where datname = current_database() and state <> 'idle' and query like '%portcullis.commit_%'
          and pid <> pg_backend_pid()`,
      );
      return rows.length === 0;
    });
  }

  private async listTables(): Promise<string[]> {
    const { rows } = await this.holder.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'portcullis' and table_name <> all($1)`,
      [BESIDE_THE_COMMIT],
    );
    return rows.map(({ name }) => name);
  }

  private async ask<T>(expression: string): Promise<Record<string, T>> {
    const answers: Record<string, T> = {};
    for (const table of await this.listTables()) {
      const { rows } = await this.holder.query<{ answer: T }>(
        `select ${expression} as answer from portcullis."${table}" t`,
      );
      answers[table] = rows[0]?.answer as T;
    }
    return answers;
  }

  /** By table, everything that it holds. */
  digestAll(): Promise<Record<string, string>> {
    const row = `(to_jsonb(t) - '${NOTE_BESIDE_THE_COMMIT}')::text`;
    return this.ask(`md5(coalesce(string_agg(${row}, ',' order by ${row}), ''))`);
  }

  countAll(): Promise<Record<string, number>> {
    return this.ask('count(*)::int');
  }

  async close(): Promise<void> {
    await this.gateway?.stop();
    await this.holder.end();
    await this.bench.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A COMMIT that comes to a table waits there for whoever holds the lock of its place; the last waits when all is written and nothing committed. */
async function plantHolds({ database: { owner } }: RelayBench): Promise<void> {
  await owner.query(`create schema crash;
    create function crash.hold() returns trigger language plpgsql set lock_timeout = 0 as $$ begin
      perform pg_advisory_xact_lock_shared(${LOCK_CLASS}, tg_argv[0]::int);
      return null;
    end $$`);
  for (const [place, hold] of HOLDS.entries()) {
    const call = `execute function crash.hold('${place}')`;
    await owner.query(
      hold === 'the end'
        ? `create constraint trigger held_at_the_end after insert on portcullis.transition deferrable initially deferred for each row ${call}`
        : `create trigger held after insert or update on portcullis.${hold} for each statement ${call}`,
    );
  }
}
