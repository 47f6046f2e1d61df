import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  CRYPTO_KINDS,
  accept,
  findProven,
  listAccounts,
  openSubject,
  openVerified,
  reject,
  type AncestryVerifiedBeef,
  type RefusedPlace,
  type Result,
  type ScriptAccount,
  type Transaction,
  type Txid,
  type VerifiedTransaction,
} from '#atomic-core';
import type { ChainTip, ChainTracker, RootQuestion, RootVerdict } from '#ports';
import { CHAIN_TRACKER } from '../chain';
import { CONFIG, type Config } from '../config';
import { ReadinessProbe, type HealthProbe, type HealthReport } from '../health';
import { Log, Metrics, withSpan } from '../telemetry';
import { askWorker } from './ask-worker';
import { reportCrypto, satisfiesCrypto } from './require-crypto';
import { ScriptCheck } from './script-check';
import { ScriptVerdicts } from './script-verdicts.service';
import { VerificationPool } from './verification.pool';
import type { Urgency } from './waiting-line';

/** Read and not believed yet: nobody has asked the chain about its roots, and its scripts have not run. */
interface ReadGraph {
  readonly ancestry: AncestryVerifiedBeef;
  readonly roots: readonly RootQuestion[];
  readonly subject: Transaction;
}

/** Proven, and by whom: inputs remembered, taken by a fast path, interpreted, by transaction. */
export interface ExaminedTransaction {
  readonly transaction: VerifiedTransaction;
  readonly accounts: ReadonlyMap<Txid, ScriptAccount>;
}

/** Is it true? The bytes are read and the scripts run in worker threads; the roots are judged here, against our own headers. */
@Injectable()
@ReadinessProbe()
export class VerificationService implements HealthProbe, OnApplicationShutdown {
  readonly name = 'verification';
  private readonly crypto = reportCrypto();
  private readonly pool: VerificationPool;
  private readonly scripts: ScriptCheck;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CHAIN_TRACKER) private readonly chain: ChainTracker,
    @Inject(Metrics) metrics: Metrics,
    @Inject(Log) log: Log,
    @Inject(ScriptVerdicts) verdicts: ScriptVerdicts,
  ) {
    const countOrder = metrics.counter('verification_orders', 'Orders to the workers, by what was asked');
    this.pool = new VerificationPool({
      workers: config.verificationWorkers,
      queueMax: config.verificationQueueMax,
      timeoutMs: config.verificationTimeoutMs,
      memoryMb: config.workerMemoryMb,
      accepts: (kind) => satisfiesCrypto(config.cryptoRequired, kind),
      countOrder: (op) => countOrder(1, { op }),
    });
    this.scripts = new ScriptCheck(this.pool, verdicts, metrics);
    this.announceCrypto(metrics, log);
    metrics.gauge('verification_queue', 'Verifications that wait for a worker', () => this.pool.state().queued);
    metrics.gauge('verification_busy', 'Workers that verify', () => this.pool.state().busy);
    metrics.gauge('verification_restarts', 'Workers replaced since the start', () => this.pool.state().restarts);
  }

  /** Orders that make progress at once: whoever brings many keeps no more than these under way. */
  get parallelism(): number {
    return this.pool.state().workers;
  }

  async verify(beef: Uint8Array, urgency: Urgency = 'single'): Promise<Result<VerifiedTransaction>> {
    const tip = this.chain.recallTip();
    const verdict = tip && (await this.verifyUnder(tip, beef, urgency));
    if (verdict !== undefined) return verdict;
    const graph = await this.read(beef, urgency);
    return graph.ok ? this.prove(graph.value, urgency) : graph;
  }

  /** The cheap half alone, for who can refuse a transaction by its bytes before a question or a script is spent on it. */
  async read(beef: Uint8Array, urgency: Urgency = 'single'): Promise<Result<ReadGraph>> {
    return withSpan('verify.read', { bytes: beef.length }, async () =>
      this.readInWorker(beef, urgency, await this.chain.findTip()),
    );
  }

  /** The dear half: the roots, then the scripts. Once for each graph, since its octets are handed to a worker. */
  async prove(graph: ReadGraph, urgency: Urgency = 'single'): Promise<Result<VerifiedTransaction>> {
    const rooted = await withSpan('verify.roots', {}, () => this.judgeRoots(graph));
    if (!rooted.ok) return rooted;
    return withSpan('verify.scripts', {}, () => this.checkScripts(graph, urgency));
  }

  /**
   * Under the tip that was there a moment ago, which saves a question: whoever judges the roots says whether it is still there, all of one moment. Undefined when
   * it is not: then nothing that was found is believed, good or bad.
   */
  private async verifyUnder(
    tip: ChainTip,
    beef: Uint8Array,
    urgency: Urgency,
  ): Promise<Result<VerifiedTransaction> | undefined> {
    const graph = await withSpan('verify.read', { bytes: beef.length }, () => this.readInWorker(beef, urgency, tip));
    if (!graph.ok) return (await this.chain.findTip())?.hash === tip.hash ? graph : undefined;
    const { roots } = graph.value;
    const verdicts = await withSpan('verify.roots', {}, () => this.chain.judgeRootsUnder(tip, roots));
    if (verdicts === undefined) return undefined;
    const rooted = weighVerdicts(graph.value, verdicts);
    if (!rooted.ok) return rooted;
    return withSpan('verify.scripts', {}, () => this.checkScripts(graph.value, urgency));
  }

  /** As `prove`, telling who judged the scripts and remembering nothing. */
  async examine(graph: ReadGraph): Promise<Result<ExaminedTransaction>> {
    const rooted = await withSpan('verify.roots', {}, () => this.judgeRoots(graph));
    if (!rooted.ok) return rooted;
    const scripts = await withSpan('verify.scripts', {}, () => this.scripts.examine(graph.ancestry, 'single'));
    if (!scripts.ok) return scripts;
    const { verified } = scripts.value;
    return accept({ transaction: openVerified(verified), accounts: listAccounts(verified, scripts.value) });
  }

  /** Where in the BEEF a transaction stands, for whoever explains a refusal; undefined when no worker can say now. */
  async locate(beef: Uint8Array, txid: Txid | undefined): Promise<RefusedPlace | undefined> {
    const order = { op: 'locate', octets: new Uint8Array(beef), txid } as const;
    const answer = await askWorker(this.pool, { order, urgency: 'single', limitCode: 'beef-limit-exceeded' });
    return answer.ok ? answer.value.place : undefined;
  }

  async check(): Promise<HealthReport> {
    const { workers, ready, busy, queued, crypto } = this.pool.state();
    const kinds = [...new Set([this.crypto.kind, ...crypto])].join(' and ');
    const detail = `${ready} of ${workers} workers ready, ${busy} busy, ${queued} waiting; crypto: ${kinds}, ${this.crypto.label}`;
    return Promise.resolve({ ok: ready > 0, detail });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
  }

  /** Ten times slower is told once, at the start, with its reason; and each second to whoever measures. */
  private announceCrypto(metrics: Metrics, log: Log): void {
    const { kind, label, faults } = this.crypto;
    const notUsed = faults.map((fault) => `${fault.kind}: ${fault.reason}`);
    log.write(satisfiesCrypto('native', kind) ? 'info' : 'warn', 'crypto backend', { kind, label, notUsed });
    metrics.gauge('crypto_backend', 'The crypto backend of the main thread', () => 1, { kind });
    for (const each of CRYPTO_KINDS) {
      const count = (): number => this.pool.state().crypto.filter((live) => live === each).length;
      metrics.gauge('crypto_backend_workers', 'Verification workers by crypto backend', count, { kind: each });
    }
  }

  private async readInWorker(
    beef: Uint8Array,
    urgency: Urgency,
    tip: ChainTip | undefined,
  ): Promise<Result<ReadGraph>> {
    const { network } = this.config;
    const context = tip && { tipHeight: tip.height, medianTimePast: tip.medianTimePast, network };
    // The one copy: the caller's bytes are often a slice of a shared pool, which cannot be handed over.
    const order = { op: 'read', octets: new Uint8Array(beef), context } as const;
    const answer = await askWorker(this.pool, { order, urgency, limitCode: 'beef-limit-exceeded' });
    if (!answer.ok) return answer;
    const { ancestry, roots } = answer.value;
    return accept({ ancestry, roots, subject: openSubject(ancestry) });
  }

  private async judgeRoots(graph: ReadGraph): Promise<Result<undefined>> {
    return graph.roots.length === 0
      ? accept(undefined)
      : weighVerdicts(graph, await this.chain.judgeRoots(graph.roots));
  }

  private async checkScripts({ ancestry }: ReadGraph, urgency: Urgency): Promise<Result<VerifiedTransaction>> {
    const verified = await this.scripts.verify(ancestry, urgency);
    return verified.ok ? accept(openVerified(verified.value)) : verified;
  }
}

/** Anything but OK for each root is "not known": a missing verdict must never count as agreement. */
function weighVerdicts(
  { ancestry, roots }: ReadGraph,
  verdicts: readonly (RootVerdict | undefined)[],
): Result<undefined> {
  const invalid = roots[verdicts.indexOf('INVALID')];
  if (invalid !== undefined) {
    const txid = findProven(ancestry, invalid);
    return reject('proof-root-invalid', `height ${invalid.height}`, txid && { txid });
  }
  const unknown = roots.findIndex((_, index) => verdicts[index] !== 'OK');
  return unknown < 0 ? accept(undefined) : reject('chain-unsettled', `height ${roots[unknown]?.height}`);
}
