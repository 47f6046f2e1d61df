import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transaction } from '@bsv/sdk';
import { Queue, createPostgresBackend } from 'bullmq';
import { encodeLeaf, hashState, makeOutpoint, networkParams, readHeader, sha256, verifyBump } from '#atomic-core';
import type { Txid } from '#atomic-core';
import {
  commitTransition,
  findHeaderTip,
  findTransition,
  fsck,
  insertHeaders,
  listSettlementEvents,
  measureOutbox,
} from '#ledger';
import type { CommitInput, LedgerTransaction, TransitionRecord } from '#ledger';
import type { Broadcaster } from '#ports';
import { DevWallet, createTestDatabase, fundWalletFromDevnet, waitUntil } from '#testkit';
import type { TestDatabase } from '#testkit';
import { createArcBroadcaster } from '../../src/broadcast/arc';
import { startDevnet } from '../../src/devnet';
import type { Devnet } from '../../src/devnet';
import { NotificationListener } from '../../src/database';
import { PinnedHttpClient, buildEgressPolicy } from '../../src/egress';
import { QUEUE_SCHEMA } from '../../src/relay/queue-schema';
import { RelayRunner } from '../../src/relay/relay.runner';
import { Log } from '../../src/telemetry';

export const ORGANISATION = 'bench';

interface Arrival {
  readonly txid: string | null;
  readonly format: string;
}

const listGraph = (subject: Transaction): Transaction[] => {
  const sorted = new Map<string, Transaction>();
  const visit = (transaction: Transaction): void => {
    const txid = transaction.id('hex');
    if (sorted.has(txid)) return;
    if (transaction.merklePath === undefined) {
      for (const { sourceTransaction } of transaction.inputs) if (sourceTransaction) visit(sourceTransaction);
    }
    sorted.set(txid, transaction);
  };
  visit(subject);
  return [...sorted.values()];
};

const toLedger = (transaction: Transaction): LedgerTransaction => {
  const txid = transaction.id('hex') as Txid;
  const raw = Uint8Array.from(transaction.toBinary());
  if (transaction.merklePath === undefined) return { txid, raw, bump: undefined };
  const bump = verifyBump(Uint8Array.from(transaction.merklePath.toBinary()), txid);
  if (!bump.ok) throw new Error(bump.rejection.detail);
  return { txid, raw, bump: bump.value };
};

const writeCommit = (subject: Transaction): CommitInput => {
  const txid = subject.id('hex') as Txid;
  const graph = listGraph(subject);
  const id = randomUUID();
  return {
    transition: {
      id,
      organisation: ORGANISATION,
      identityKey: `02${'11'.repeat(32)}`,
      requestId: randomUUID(),
      requestKey: id,
      requestDigest: sha256(Buffer.from(id)),
      txid,
      topics: [],
    },
    transactions: graph.map(toLedger),
    spends: graph
      .filter((transaction) => transaction === subject || transaction.merklePath === undefined)
      .flatMap((transaction) =>
        transaction.inputs.map(({ sourceTransaction, sourceTXID, sourceOutputIndex }) => ({
          outpoint: makeOutpoint((sourceTXID ?? sourceTransaction?.id('hex')) as Txid, sourceOutputIndex),
          spenderTxid: transaction.id('hex') as Txid,
        })),
      ),
    topics: [],
    baskets: { add: [] },
    outbox: [{ kind: 'broadcast', dedupeKey: `broadcast:${txid}`, payload: { txid } }],
    leaf: encodeLeaf({
      decision: 'applied',
      atMs: Date.now(),
      organisation: ORGANISATION,
      identityKey: `02${'11'.repeat(32)}`,
      requestId: id,
      subject: txid,
      beforeHash: hashState([]),
      afterHash: hashState([txid]),
    }),
    receipt: { txid },
  };
};

/** Real PostgreSQL, a real development network and as many relays as a test starts. */
export class RelayBench {
  readonly #relays: { runner: RelayRunner; notifications: NotificationListener }[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly devnet: Devnet,
    private readonly dataDir: string,
    readonly redisUrl: string | undefined,
  ) {}

  static async open(redisUrl?: string): Promise<RelayBench> {
    const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-relay-'));
    const [database, devnet] = await Promise.all([createTestDatabase(), startDevnet({ port: 0, dataDir })]);
    return new RelayBench(database, devnet, dataDir, redisUrl);
  }

  async close(): Promise<void> {
    await this.stopRelays();
    await this.devnet.close();
    await this.database.drop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async order(path: string, order: unknown = {}, method = 'POST'): Promise<Record<string, unknown>> {
    const init = method === 'GET' ? { method } : { method, body: JSON.stringify(order) };
    const answer = await fetch(`${this.devnet.url}/admin/${path}`, init);
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  }

  async fundedWallet(satoshis = 100_000): Promise<DevWallet> {
    const wallet = new DevWallet();
    await fundWalletFromDevnet(wallet, this.devnet.url, satoshis);
    await this.syncHeaders();
    return wallet;
  }

  /** Checks and stores the development network's best chain, with the rewind that a reorg brings. */
  async syncHeaders(): Promise<void> {
    const answer = await fetch(`${this.devnet.url}/chaintracks/v2/headers?height=0&count=10000`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const headers = Array.from({ length: bytes.length / 80 }, (_, height) =>
      bytes.subarray(height * 80, height * 80 + 80),
    );
    const root = { height: 0, hash: readHeader(bytes.subarray(0, 80))?.hash ?? '' };
    const nowSeconds = Math.floor(Date.now() / 1000);
    const { fault } = await this.database.dataSource.transaction((manager) =>
      insertHeaders(manager, { params: networkParams.devnet, headers, nowSeconds, root }),
    );
    if (fault !== undefined) throw new Error(`the header at ${fault.index} is refused: ${fault.fault}`);
  }

  async mine(): Promise<void> {
    await this.order('mine');
    await this.syncHeaders();
  }

  /** A transaction of this wallet that nobody has been told of. */
  async build(wallet: DevWallet, satoshis = 1_000): Promise<Transaction> {
    const outputs = [
      { lockingScript: `006a04${randomBytes(4).toString('hex')}`, satoshis: 0, outputDescription: 'a note' },
    ];
    const paid = { lockingScript: wallet.coinLockingScript.toHex(), satoshis, outputDescription: 'a payment' };
    const { tx } = await wallet.createAction({ description: 'a transaction', outputs: [...outputs, paid] });
    if (tx === undefined) throw new Error('the wallet made no transaction');
    return Transaction.fromAtomicBEEF(tx);
  }

  /** THE COMMIT of a transition with its broadcast row, as a submission makes it. */
  async commit(subject: Transaction): Promise<Txid> {
    const committed = await commitTransition(this.database.dataSource, writeCommit(subject));
    if (!committed.ok) throw new Error(`${committed.rejection.code}: ${committed.rejection.detail}`);
    return subject.id('hex') as Txid;
  }

  broadcaster(): Broadcaster {
    const http = new PinnedHttpClient(buildEgressPolicy([this.devnet.url]));
    return createArcBroadcaster(http, { url: `${this.devnet.url}/arc` });
  }

  relay(broadcaster: Broadcaster = this.broadcaster(), pollMs = 50): RelayRunner {
    const notifications = new NotificationListener(this.database.url, () => undefined);
    const runner = new RelayRunner(
      {
        database: this.database.dataSource,
        broadcaster,
        log: new Log({ level: process.env['TEST_LOG'] ?? 'silent' }),
        metrics: { countSettlement: () => undefined },
        pollMs,
      },
      {
        databaseUrl: this.database.url,
        migrationUrl: this.database.url,
        redisUrl: this.redisUrl,
        chainTracker: { findTip: () => findHeaderTip(this.database.dataSource) },
        notifications,
        finalDepth: 3,
        drainMs: 1_000,
      },
    );
    this.#relays.push({ runner, notifications });
    return runner;
  }

  async stopRelays(): Promise<void> {
    const stopped = this.#relays.splice(0).map(async ({ runner, notifications }) => {
      await runner.stop();
      await notifications.close();
    });
    await Promise.all(stopped);
  }

  /** The job of this transaction stands in the queue and is nobody's: as a worker leaves it that ends just after it took it. */
  async occupyQueue(txid: Txid): Promise<void> {
    const { hostname, port } = new URL(this.redisUrl ?? 'redis://localhost:0');
    const [row] = await this.database.owner.query<{ id: string }[]>(
      'select id::text from portcullis.outbox where txid = $1',
      [Buffer.from(txid, 'hex').reverse()],
    );
    const postgres = { connectionString: this.database.url, schema: QUEUE_SCHEMA, migrate: false };
    const queue =
      this.redisUrl === undefined
        ? new Queue('portcullis-outbox', { connection: postgres }, createPostgresBackend)
        : new Queue('portcullis-outbox', { connection: { host: hostname, port: Number(port) } });
    const data = { outboxId: row?.id ?? '' };
    await queue.add('broadcast', data, { jobId: `outbox-${data.outboxId}`, delay: 3_600_000 });
    await queue.close();
  }

  async find(txid: Txid): Promise<TransitionRecord> {
    const record = await findTransition(this.database.dataSource, ORGANISATION, txid);
    if (record === undefined) throw new Error(`${txid} is not there`);
    return record;
  }

  async settlementOf(txid: Txid): Promise<string> {
    return (await this.find(txid)).settlement;
  }

  async historyOf(txid: Txid): Promise<string[]> {
    const { id } = await this.find(txid);
    return (await listSettlementEvents(this.database.dataSource, ORGANISATION, id)).map(({ settlement }) => settlement);
  }

  waitFor(txid: Txid, settlement: string): Promise<void> {
    return waitUntil(`${txid} ${settlement}`, async () => (await this.settlementOf(txid)) === settlement);
  }

  /** The broadcast row of `txid` is settled: the answer may move the settlement (by a callback) before the row is done. */
  waitForBroadcastDone(txid: Txid): Promise<void> {
    return waitUntil(`the broadcast of ${txid} done`, async () =>
      (await this.rowsOf(txid)).some(({ kind, state }) => kind === 'broadcast' && state === 'done'),
    );
  }

  /** No outbox row is open. Polls are made to come soon, as callbacks would. */
  waitForQuiet(): Promise<void> {
    return waitUntil('no open row', async () => {
      await this.database.owner.query(
        `update portcullis.outbox set available_at = now() where state = 'waiting' and available_at > now() + interval '200 milliseconds'`,
      );
      await this.database.owner.query('notify portcullis_outbox');
      const { waiting, leased } = await measureOutbox(this.database.dataSource);
      return waiting + leased === 0;
    });
  }

  async rowsOf(txid: Txid): Promise<{ kind: string; state: string; attempts: number; reason: string | null }[]> {
    return this.database.dataSource.query(
      `select kind, state, attempts, last_error as reason from portcullis.outbox where txid = $1 order by id`,
      [Buffer.from(txid, 'hex').reverse()],
    );
  }

  async arrivalsOf(txid: string): Promise<Arrival[]> {
    const { arrivals } = (await this.order('state', undefined, 'GET')) as unknown as { arrivals: Arrival[] };
    return arrivals.filter((arrival) => arrival.txid === txid);
  }

  /** Every invariant of the ledger; a test ends by asking. */
  async violations(): Promise<unknown[]> {
    return (await fsck(this.database.dataSource)).filter(({ ok }) => !ok);
  }
}
