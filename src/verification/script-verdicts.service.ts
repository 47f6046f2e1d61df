import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { listScriptInputs, listUnproven, SCRIPT_RULES_VERSION, type BeefGraph } from '#atomic-core';
import { findScriptVerdicts, recordScriptVerdicts } from '#ledger';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config';
import { Log, Metrics } from '../telemetry';
import { RecentTxids } from './recent-txids';

/** inputs: below it, verifying their scripts (some 35 us each) costs less than the question to the database (some 500 us and a connection). */
const ASK_DATABASE_FROM = 16;
/** transactions that wait to be stored: 320 KB. A database that is slower than that is not made slower still by what it can do without. */
const WAITING_MAX = 10_000;
/** transactions in one statement. */
const BATCH_MAX = 1_000;
/** How long a verdict may wait for others to be stored with it. */
const PAUSE_MS = 200;

/**
 * Which transactions have scripts that hold. True for ever under one version of the script rules, whatever the chain does: the txid commits to the outpoints
 * that are spent and, through their txids, to the scripts and values that they were locked with; and it was reached by the rules of every era that a coin may
 * be of, of which a proof can only leave fewer (ADR 29). So it is kept through reorgs and retractions, over
 * restarts, and for all organisations alike; and it is all that is kept: ancestry, finality, proofs and conflicts are judged each time.
 */
@Injectable()
export class ScriptVerdicts implements BeforeApplicationShutdown {
  private readonly recent: RecentTxids;
  private waiting: Buffer[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private readonly stores: boolean;
  private readonly countHits: (amount: number, labels: { where: 'memory' | 'database' }) => void;
  private readonly countMisses: (amount: number) => void;
  private readonly countDropped: (amount: number) => void;

  constructor(
    @Inject(CONFIG) config: Pick<Config, 'scriptVerdictsMemoryMax' | 'scriptVerdictsStoredMax'>,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Metrics) metrics: Pick<Metrics, 'counter' | 'gauge'>,
    @Inject(Log) private readonly log: Pick<Log, 'write'>,
  ) {
    this.recent = new RecentTxids(config.scriptVerdictsMemoryMax);
    this.stores = config.scriptVerdictsStoredMax > 0;
    this.countHits = metrics.counter('script_verdict_hits', 'Transactions whose scripts were known to hold');
    this.countMisses = metrics.counter('script_verdict_misses', 'Transactions whose scripts had to be verified');
    this.countDropped = metrics.counter('script_verdicts_not_stored', 'Script verdicts that could not be stored');
    metrics.gauge('script_verdicts_in_memory', 'Script verdicts that this process remembers', () => this.recent.size);
  }

  /** By transaction row: 1 where the scripts are known to hold. Never an error: what cannot be looked up is not known. */
  async findKnown(graph: BeefGraph): Promise<Uint8Array> {
    const txids = asBuffer(graph.txids);
    const rows = listUnproven(graph);
    const known = new Uint8Array(graph.needed.length);
    const unknown: number[] = [];
    for (const row of rows) {
      if (this.recent.has(txids, row)) known[row] = 1;
      else unknown.push(row);
    }
    this.countHits(rows.length - unknown.length, { where: 'memory' });
    // One transaction may consolidate a thousand coins: what is at stake are its inputs.
    const isWorthIt = this.stores && listScriptInputs(graph, known).length >= ASK_DATABASE_FROM;
    const stored = isWorthIt ? await this.lookUp(txids, unknown) : [];
    for (const row of stored) {
      known[row] = 1;
      this.recent.add(txids, row);
    }
    this.countHits(stored.length, { where: 'database' });
    this.countMisses(unknown.length - stored.length);
    return known;
  }

  /** Of a graph whose scripts all hold, what was not known. Returns at once; the database is told later, and may never be. */
  remember(graph: BeefGraph, known: Uint8Array): void {
    const txids = asBuffer(graph.txids);
    for (const row of listUnproven(graph)) {
      if (known[row] === 1) continue;
      this.recent.add(txids, row);
      if (this.stores) this.enqueue(txids, row);
    }
    if (this.waiting.length > 0) this.timer ??= setTimeout(() => void this.write(), PAUSE_MS).unref();
  }

  /** What is still waiting is written if the database takes it; a stop is no reason to fail for what a crash may take as well. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.writing;
    await this.write();
  }

  private async lookUp(txids: Buffer, rows: readonly number[]): Promise<number[]> {
    const rowByTxid = new Map(rows.map((row) => [txidAt(txids, row).toString('latin1'), row]));
    try {
      const asked = rows.map((row) => txidAt(txids, row));
      const found = await findScriptVerdicts(this.database, SCRIPT_RULES_VERSION, asked);
      return found.flatMap((txid) => rowByTxid.get(txid.toString('latin1')) ?? []);
    } catch (fault) {
      // Not needed to answer: whoever is not found is verified.
      this.log.write('warn', 'script verdicts were not looked up', { error: fault });
      return [];
    }
  }

  private enqueue(txids: Buffer, row: number): void {
    if (this.waiting.length >= WAITING_MAX) return this.countDropped(1);
    // A copy: the graph's own bytes are handed over to other threads.
    this.waiting.push(Buffer.from(txidAt(txids, row)));
  }

  private async write(): Promise<void> {
    clearTimeout(this.timer);
    this.writing = this.writeWaiting();
    await this.writing;
    this.writing = undefined;
    this.timer = undefined;
    if (this.waiting.length > 0) this.timer = setTimeout(() => void this.write(), PAUSE_MS).unref();
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH_MAX);
      try {
        await recordScriptVerdicts(this.database, SCRIPT_RULES_VERSION, batch);
      } catch (fault) {
        this.countDropped(batch.length + this.waiting.length);
        this.waiting = [];
        this.log.write('warn', 'script verdicts were not stored', { error: fault });
      }
    }
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const txidAt = (txids: Buffer, row: number): Buffer => txids.subarray(row * 32, row * 32 + 32);
