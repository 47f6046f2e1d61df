import type { DataSource } from 'typeorm';
import { limits, type Txid } from '#atomic-core';
import { listSpentTxids } from '#ledger';

/** Walks kept at a time in one process: a host that fetches a graph asks for its nodes one after the other. */
const WALKS_MAX = 32;
/** Transactions looked behind in one step, and parents taken from it. */
const STEP_TRANSACTIONS = 200;

/** From one output of a topic back through what it spends, as far as anybody has asked yet. */
class AncestryWalk {
  private readonly seen: Set<Txid>;
  private frontier: Txid[];
  private under: Promise<boolean> = Promise.resolve(false);

  constructor(
    private readonly database: DataSource,
    tip: Txid,
  ) {
    this.seen = new Set([tip]);
    this.frontier = [tip];
  }

  /** One after the other, so that two who ask at once do not look behind the same transactions. */
  reaches(txid: Txid): Promise<boolean> {
    const next = this.under.catch(() => false).then(() => this.walkTo(txid));
    this.under = next;
    return next;
  }

  private async walkTo(txid: Txid): Promise<boolean> {
    const most = limits.GASP_GRAPH_TRANSACTIONS_MAX;
    while (!this.seen.has(txid) && this.frontier.length > 0 && this.seen.size < most) {
      const step = this.frontier.slice(0, STEP_TRANSACTIONS);
      const parents = await listSpentTxids(this.database, step, most);
      const fresh = parents.filter((parent) => !this.seen.has(parent));
      for (const parent of fresh) this.seen.add(parent);
      this.frontier = [...this.frontier.slice(STEP_TRANSACTIONS), ...fresh];
    }
    return this.seen.has(txid);
  }
}

/**
 * Which stored transactions a host may be given for the graph of one output: its ancestry, bounded. Everything else that is stored here, of whoever, is not
 * to be found through these routes. What a walk saw stays true, since a transaction's inputs do.
 */
export class AncestryWalks {
  private readonly walks = new Map<Txid, AncestryWalk>();

  constructor(private readonly database: DataSource) {}

  reaches(tip: Txid, txid: Txid): Promise<boolean> {
    if (tip === txid) return Promise.resolve(true);
    const walk = this.walks.get(tip) ?? new AncestryWalk(this.database, tip);
    // The one asked for last is the last to go.
    this.walks.delete(tip);
    this.walks.set(tip, walk);
    const [oldest] = this.walks.keys();
    if (this.walks.size > WALKS_MAX && oldest !== undefined) this.walks.delete(oldest);
    return walk.reaches(txid);
  }
}
