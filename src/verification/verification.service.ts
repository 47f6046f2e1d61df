import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  CRYPTO_KINDS,
  accept,
  findProven,
  openSubject,
  openVerified,
  reject,
  type AncestryVerifiedBeef,
  type RefusedPlace,
  type RejectionCode,
  type Result,
  type Transaction,
  type Txid,
  type VerifiedTransaction,
} from '#atomic-core';
import type { ChainTracker, RootQuestion, RootVerdict } from '#ports';
import { CHAIN_TRACKER } from '../chain';
import { CONFIG, type Config } from '../config';
import { ReadinessProbe, type HealthProbe, type HealthReport } from '../health';
import { Log, Metrics, withSpan } from '../telemetry';
import { reportCrypto, satisfiesCrypto } from './require-crypto';
import { VerificationPool } from './verification.pool';
import type { Urgency } from './waiting-line';
import type { WorkerAnswer, WorkerOrder } from './worker-order';
import type { OrderEnd } from './worker-slot';

/** Read and not believed yet: nobody has asked the chain about its roots, and its scripts have not run. */
interface ReadGraph {
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly read: AncestryVerifiedBeef;
  readonly roots: readonly RootQuestion[];
  readonly subject: Transaction;
}

type Answered = Exclude<WorkerAnswer, { op: 'refused' | 'fault' | 'ready' }>;

/** Is it true? The bytes are read and the scripts run in worker threads; the roots are judged here, against our own headers. */
@Injectable()
@ReadinessProbe()
export class VerificationService implements HealthProbe, OnApplicationShutdown {
  readonly name = 'verification';
  private readonly crypto = reportCrypto();
  private readonly pool: VerificationPool;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(CHAIN_TRACKER) private readonly chain: ChainTracker,
    @Inject(Metrics) metrics: Metrics,
    @Inject(Log) log: Log,
  ) {
    this.pool = new VerificationPool({
      workers: config.verificationWorkers,
      queueMax: config.verificationQueueMax,
      timeoutMs: config.verificationTimeoutMs,
      memoryMb: config.workerMemoryMb,
      accepts: (kind) => satisfiesCrypto(config.cryptoRequired, kind),
    });
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
    const graph = await this.read(beef, urgency);
    return graph.ok ? this.prove(graph.value, urgency) : graph;
  }

  /** The cheap half alone, for who can refuse a transaction by its bytes before a question or a script is spent on it. */
  async read(beef: Uint8Array, urgency: Urgency = 'single'): Promise<Result<ReadGraph>> {
    return withSpan('verify.read', { bytes: beef.length }, () => this.readInWorker(beef, urgency));
  }

  /** The dear half: the roots, then the scripts. Once for each graph, since its octets are handed to a worker. */
  async prove(graph: ReadGraph, urgency: Urgency = 'single'): Promise<Result<VerifiedTransaction>> {
    const rooted = await withSpan('verify.roots', {}, () => this.judgeRoots(graph));
    if (!rooted.ok) return rooted;
    return withSpan('verify.scripts', {}, () => this.runScripts(graph, urgency));
  }

  /** Where in the BEEF a transaction stands, for whoever explains a refusal; undefined when no worker can say now. */
  async locate(beef: Uint8Array, txid: Txid | undefined): Promise<RefusedPlace | undefined> {
    const octets = new Uint8Array(beef);
    const answer = await this.ask({ op: 'locate', octets, txid }, 'single', 'beef-limit-exceeded');
    if (!answer.ok) return undefined;
    return answer.value.op === 'locate' ? answer.value.place : unexpected(answer.value);
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

  private async readInWorker(beef: Uint8Array, urgency: Urgency): Promise<Result<ReadGraph>> {
    const tip = await this.chain.findTip();
    const context = tip && { tipHeight: tip.height, medianTimePast: tip.medianTimePast };
    // The one copy: the caller's bytes are often a slice of a shared pool, which cannot be handed over.
    const octets = new Uint8Array(beef);
    const answer = await this.ask({ op: 'read', octets, context }, urgency, 'beef-limit-exceeded');
    if (!answer.ok) return answer;
    if (answer.value.op !== 'read') return unexpected(answer.value);
    const { octets: returned, read, roots } = answer.value;
    return accept({ octets: returned, read, roots, subject: openSubject(read) });
  }

  private async judgeRoots({ read, roots }: ReadGraph): Promise<Result<undefined>> {
    if (roots.length === 0) return accept(undefined);
    const verdicts: readonly (RootVerdict | undefined)[] = await this.chain.judgeRoots(roots);
    const invalid = roots[verdicts.indexOf('INVALID')];
    if (invalid !== undefined) {
      const txid = findProven(read, invalid);
      return reject('proof-root-invalid', `height ${invalid.height}`, txid && { txid });
    }
    // Anything but OK for each root is "not known": a missing verdict must never count as agreement.
    const unknown = roots.findIndex((_, index) => verdicts[index] !== 'OK');
    if (unknown >= 0) return reject('chain-unsettled', `height ${roots[unknown]?.height}`);
    return accept(undefined);
  }

  private async runScripts({ octets, read }: ReadGraph, urgency: Urgency): Promise<Result<VerifiedTransaction>> {
    const answer = await this.ask({ op: 'scripts', octets, read }, urgency, 'transaction-script-limit');
    if (!answer.ok) return answer;
    return answer.value.op === 'scripts' ? accept(openVerified(answer.value.verified)) : unexpected(answer.value);
  }

  private async ask(order: WorkerOrder, urgency: Urgency, limitCode: RejectionCode): Promise<Result<Answered>> {
    const end = await this.pool.run(order, urgency);
    if (end.kind !== 'answered') return reject(refusalOf(end, limitCode));
    if (end.answer.op === 'refused') return { ok: false, rejection: end.answer.rejection };
    if (end.answer.op === 'fault') throw new Error(`A verification worker failed: ${end.answer.stack}`);
    return end.answer.op === 'ready' ? unexpected(end.answer) : accept(end.answer);
  }
}

function refusalOf(end: Exclude<OrderEnd, { kind: 'answered' }>, limitCode: RejectionCode): RejectionCode {
  if (end.kind === 'limit') return limitCode;
  // A thread lost for no fault of the bytes says nothing about them.
  return end.kind === 'stopping' ? 'shutting-down' : 'verification-busy';
}

function unexpected(answer: WorkerAnswer): never {
  throw new Error(`A verification worker answered "${answer.op}" out of turn.`);
}
