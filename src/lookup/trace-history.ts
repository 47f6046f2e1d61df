import { limits, type Result, type Txid, accept } from '#atomic-core';

/** How much of what an output came from its answer holds: up to a depth, or wherever the service says yes. */
export type HistorySelector = number | ((beef: Uint8Array, outputIndex: number, depth: number) => Promise<boolean>);

export interface TopicPlace {
  readonly topic: string;
  readonly txid: Txid;
  readonly vout: number;
}

export interface HistorySource {
  /** The coins that the transaction of this output spent in its topic and that the topic wanted kept. */
  listRetained(output: TopicPlace): Promise<readonly TopicPlace[]>;
  findBeef(txid: Txid): Promise<Result<Uint8Array>>;
}

export interface TracedHistory {
  /** False: the service does not want the output itself in the answer. */
  readonly isWanted: boolean;
  /** Transactions whose inputs belong into the answer, from the output backwards. */
  readonly opened: readonly Txid[];
}

interface Visit extends TopicPlace {
  readonly depth: number;
}

/**
 * Walks backwards from one output over what its topic retained, as `getUTXOHistory` of the overlay engine does: the selector is asked of the output
 * itself at depth 0, and of what came before wherever it said yes. Ends at `budget` outputs: how far it goes is the service's to say, and the chain
 * behind an output is as long as its makers like.
 */
export async function traceHistory(
  place: { readonly txid: Txid; readonly vout: number; readonly topics: readonly string[] },
  selector: HistorySelector,
  source: HistorySource,
  budget = limits.LOOKUP_HISTORY_OUTPUTS_MAX,
): Promise<Result<TracedHistory>> {
  const { txid, vout, topics } = place;
  const wanted = await isSelected({ topic: '', txid, vout, depth: 0 }, selector, source);
  if (!wanted.ok) return wanted;
  if (!wanted.value) return accept({ isWanted: false, opened: [] });
  const opened = new Set<Txid>();
  const seen = new Set<string>();
  const waiting: Visit[] = topics.map((topic) => ({ topic, txid, vout, depth: 0 }));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const before of await source.listRetained(next)) {
      const name = `${before.topic} ${before.txid}.${String(before.vout)}`;
      if (seen.has(name)) continue;
      if (seen.size >= budget) return accept({ isWanted: true, opened: [...opened] });
      seen.add(name);
      const visit = { ...before, depth: next.depth + 1 };
      const selected = await isSelected(visit, selector, source);
      if (!selected.ok) return selected;
      if (!selected.value) continue;
      opened.add(next.txid);
      waiting.push(visit);
    }
  }
  return accept({ isWanted: true, opened: [...opened] });
}

async function isSelected(
  { txid, vout, depth }: Visit,
  selector: HistorySelector,
  source: HistorySource,
): Promise<Result<boolean>> {
  if (typeof selector === 'number') return accept(depth <= selector);
  const beef = await source.findBeef(txid);
  return beef.ok ? accept(await selector(beef.value, vout, depth)) : beef;
}
