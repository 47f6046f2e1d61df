import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import {
  accept,
  makeOutpoint,
  printOutpoint,
  rejections,
  sha256,
  type Coin,
  type GraphTransaction,
  type Rejection,
  type Result,
  type TopicManager,
  type Txid,
  type VerifiedTransaction,
} from '#atomic-core';
import { findAppliedTxids, findCoins, findGraphs } from '#ledger';
import type { Transitions } from '../submissions';
import type { VerificationService } from '../verification';
import type { ForeignGraph } from './foreign-graph';
import { GaspFault, lie } from './gasp-fault';
import type { Outpoint } from './read-foreign';

/** A topic that may say which inputs of a transaction its history needs (`identifyNeededInputs` of `@bsv/overlay`). */
export type SyncedTopic = TopicManager & {
  readonly neededInputs?: (
    beef: Uint8Array,
  ) => Promise<Result<readonly { readonly txid: string; readonly outputIndex: number }[]>>;
};

/** A coin as it would be once the graph is applied, with what proves it: the ledger cannot be asked for it yet. */
interface ForeseenCoin extends Omit<Coin, 'inputIndex'> {
  readonly proof: readonly GraphTransaction[];
}

export interface JudgeParts {
  readonly database: DataSource;
  readonly verification: Pick<VerificationService, 'verify'>;
  readonly transitions: Transitions;
  readonly topic: SyncedTopic;
  /** In whose name foreign history is applied. */
  readonly identityKey: string;
  readonly stop: AbortSignal;
}

/** The tenant of what the gateway applies of its own accord, as in the outbox. */
const GATEWAY = 'gateway';
/** Verified graphs kept from the judgement to the COMMIT; beyond it a transaction is verified again in its turn. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

interface Step {
  readonly txid: Txid;
  readonly verified: VerifiedTransaction | undefined;
}

/**
 * Whether what a host sent is true, and whether the topic wants it: each transaction of the graph is verified as one that a stranger submits, with our headers
 * and all of its scripts, and judged by the topic, oldest first. Nothing is stored before the whole graph stands.
 */
export class GraphJudge {
  private steps: Step[] = [];

  constructor(private readonly parts: JudgeParts) {}

  async isApplied(txid: Txid): Promise<boolean> {
    const { database, topic } = this.parts;
    return (await findAppliedTxids(database, topic.name, [txid])).size > 0;
  }

  async listUnknown(outpoints: readonly Outpoint[]): Promise<Outpoint[]> {
    const { database, topic } = this.parts;
    const txids = [...new Set(outpoints.map(({ txid }) => txid))];
    const applied = await findAppliedTxids(database, topic.name, txids);
    return outpoints.filter(({ txid }) => !applied.has(txid));
  }

  /** Outpoints, as `<txid>.<vout>`, that the topic would like to see before it judges a proven transaction. */
  async listWanted(beef: Uint8Array): Promise<ReadonlySet<string>> {
    const needed = (await this.parts.topic.neededInputs?.(beef)) ?? accept([]);
    if (!needed.ok) throw faultOf(needed.rejection);
    return new Set(needed.value.map(({ txid, outputIndex }) => `${txid}.${outputIndex}`));
  }

  /** Throws unless every transaction of the graph is true and the topic admits its tip. */
  async validate(graph: ForeignGraph): Promise<void> {
    this.forget();
    const order = graph.listParentsFirst();
    const { database, topic } = this.parts;
    const txids = order.map(({ txid }) => txid);
    const applied = await findAppliedTxids(database, topic.name, txids);
    const coins = new Map<string, ForeseenCoin>();
    let kept = 0;
    for (const { txid } of order.filter((transaction) => !applied.has(transaction.txid))) {
      const { beef, verified } = await this.verify(graph, txid);
      const admitted = await this.judge(verified, coins);
      if (admitted === undefined) continue;
      kept += beef.length;
      this.steps.push({ txid, verified: kept > KEPT_BYTES_MAX ? undefined : verified });
    }
    const { txid, vout } = graph.tip;
    if (!applied.has(txid) && !coins.has(`${txid}.${vout}`)) throw lie('the topic does not admit the listed output');
  }

  /** Applies what `validate` found, each in a COMMIT of its own: whatever stops it leaves a history that is true as far as it goes. */
  async apply(graph: ForeignGraph): Promise<void> {
    for (const { txid, verified } of this.steps) {
      const transaction = verified ?? (await this.verify(graph, txid)).verified;
      const applied = await this.commit(transaction);
      // Another replica, or somebody who submitted it, was faster.
      if (!applied.ok && applied.rejection.code !== 'already-applied') throw faultOf(applied.rejection);
    }
  }

  forget(): void {
    this.steps = [];
  }

  private async verify(
    graph: ForeignGraph,
    txid: Txid,
  ): Promise<{ readonly beef: Uint8Array; readonly verified: VerifiedTransaction }> {
    if (this.parts.stop.aborted) throw new GaspFault('the round has ended', true);
    const known = await findGraphs(this.parts.database, graph.listMissing(txid), new Map());
    const beef = graph.writeBeef(txid, [...known.values()]);
    const verified = await this.parts.verification.verify(beef, 'bulk');
    if (!verified.ok) throw faultOf(verified.rejection);
    return { beef, verified: verified.value };
  }

  /** Undefined where the topic does not want it; its outputs and what it spends are counted in `coins`, the state as it would be. */
  private async judge(verified: VerifiedTransaction, coins: Map<string, ForeseenCoin>): Promise<true | undefined> {
    const { database, topic } = this.parts;
    const { subject } = verified;
    const outpoints = subject.inputs.map(({ parentTxid, parentVout }) => makeOutpoint(parentTxid, parentVout));
    const foreseen = outpoints.flatMap((outpoint, inputIndex) => {
      const coin = coins.get(printOutpoint(outpoint));
      return coin === undefined ? [] : [{ ...coin, inputIndex }];
    });
    const known = await findCoins(database, topic.name, outpoints);
    const spent: Coin[] = [...known, ...foreseen].sort((a, b) => a.inputIndex - b.inputIndex);
    // Each of these transactions was verified as the subject of a BEEF of its own.
    const history = foreseen.flatMap(({ proof }) => proof);
    const shown = { ...verified, transactions: [...history, ...verified.transactions] };
    const verdict = await topic.judge(shown, spent, { mode: 'historical-tx' });
    if (!verdict.admitted) {
      const { reason, fault } = verdict;
      if (fault !== undefined) throw new GaspFault(`${fault}: ${reason}`, true);
      return undefined;
    }
    for (const { txid, vout } of spent) coins.delete(`${txid}.${vout}`);
    const proof = verified.transactions;
    for (const { vout } of verdict.admittance.admit) {
      const output = subject.outputs[vout];
      if (output !== undefined) coins.set(`${subject.txid}.${vout}`, { txid: subject.txid, vout, ...output, proof });
    }
    return true;
  }

  private commit(transaction: VerifiedTransaction): ReturnType<Transitions['apply']> {
    const { transitions, topic, identityKey } = this.parts;
    // What makes it happen once is the transaction itself, which a topic takes once; a key of its own lets it come back after a retraction.
    const requestKey = `gasp:${randomUUID()}`;
    return transitions.apply({
      caller: { organisation: GATEWAY, identityKey, requestId: requestKey },
      asked: {
        submission: { beef: NOTHING, topics: [topic.name], baskets: new Map(), labels: [], mode: 'historical-tx' },
        requestKey,
        requestDigest: sha256(Buffer.from(`${requestKey} ${topic.name} ${transaction.subject.txid}`)),
      },
      transaction,
      managers: [topic],
    });
  }
}

/** The plan and the COMMIT read the verified transaction; its bytes are not handed on a second time. */
const NOTHING = new Uint8Array(0);

const faultOf = ({ code, detail }: Rejection): GaspFault =>
  new GaspFault(`${code}: ${detail}`, rejections[code].next === 'retry-same');
