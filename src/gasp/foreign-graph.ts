import { limits, writeAtomicBeef, type GraphTransaction, type Txid } from '#atomic-core';
import { lie, outage } from './gasp-fault';
import type { ForeignNode, Outpoint } from './read-foreign';

/**
 * What a host sent to explain one output, until it is judged: a bounded set of transactions, each reached from the output by what its inputs spend. An id is the
 * hash of its bytes, so there is no cycle; the bounds end everything else.
 */
export class ForeignGraph {
  private readonly nodes = new Map<Txid, GraphTransaction>();
  private sizeBytes = 0;

  constructor(readonly tip: Outpoint) {}

  has(txid: Txid): boolean {
    return this.nodes.has(txid);
  }

  find(txid: Txid): GraphTransaction | undefined {
    return this.nodes.get(txid);
  }

  /** `spender` is absent for the tip alone. */
  add({ transaction, vout, bump, sizeBytes }: ForeignNode, spender: Txid | undefined): void {
    if (spender === undefined) this.checkTip(transaction.txid, vout);
    else this.checkSpent(transaction.txid, vout, spender);
    if (this.nodes.has(transaction.txid)) return;
    this.sizeBytes += sizeBytes;
    if (this.nodes.size >= limits.GASP_GRAPH_TRANSACTIONS_MAX || this.sizeBytes > limits.GASP_GRAPH_BYTES_MAX)
      throw lie('the graph is larger than this gateway takes');
    this.nodes.set(transaction.txid, { ...transaction, bump });
  }

  /** Each transaction after all of its parents that are here. Iterative: the depth is a stranger's. */
  listParentsFirst(): GraphTransaction[] {
    const sorted = new Map<Txid, GraphTransaction>();
    const opened = new Set<Txid>();
    const stack: Txid[] = [this.tip.txid];
    for (let txid = stack.at(-1); txid !== undefined; txid = stack.at(-1)) {
      const transaction = this.nodes.get(txid);
      if (transaction === undefined || opened.has(txid)) {
        stack.pop();
        if (transaction !== undefined) sorted.set(txid, transaction);
        continue;
      }
      opened.add(txid);
      for (const { parentTxid } of transaction.inputs) if (!opened.has(parentTxid)) stack.push(parentTxid);
    }
    return [...sorted.values()];
  }

  /** What the transaction rests on and is not here: unproven inputs of it and of its unproven ancestors. */
  listMissing(txid: Txid): Txid[] {
    const missing = new Set<Txid>();
    const seen = new Set<Txid>();
    const stack: Txid[] = [txid];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      const transaction = this.nodes.get(next);
      if (transaction === undefined) missing.add(next);
      else if (transaction.bump === undefined) stack.push(...transaction.inputs.map(({ parentTxid }) => parentTxid));
    }
    return [...missing];
  }

  /** The transaction with what it rests on; `known` are transactions of our own ledger with all that they rest on. */
  writeBeef(txid: Txid, known: readonly GraphTransaction[]): Uint8Array {
    const stored = new Set(known.map((transaction) => transaction.txid));
    // A peer that leaves a parent out has not explained its output; a ledger of ours between a reorg and a new proof cannot yet.
    const missing = this.listMissing(txid).find((parent) => !stored.has(parent));
    if (missing !== undefined) throw lie('an unproven transaction of the graph lacks a parent');
    const hanging = known.some(
      ({ bump, inputs }) => bump === undefined && inputs.some(({ parentTxid }) => !stored.has(parentTxid)),
    );
    if (hanging) throw outage('an ancestor in our ledger waits for its new proof');
    return writeAtomicBeef(txid, [...known, ...this.nodes.values()]);
  }

  private checkTip(txid: Txid, vout: number): void {
    if (txid !== this.tip.txid || vout !== this.tip.vout) throw lie('the first node of a graph is not its tip');
  }

  private checkSpent(txid: Txid, vout: number, spender: Txid): void {
    const spends = this.nodes
      .get(spender)
      ?.inputs.some(({ parentTxid, parentVout }) => parentTxid === txid && parentVout === vout);
    if (spends !== true) throw lie('a node is spent by nothing of its graph');
  }
}
