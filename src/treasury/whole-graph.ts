import { type GraphTransaction, type Result, type Txid, accept, reject, writeAtomicBeef } from '#atomic-core';
import { type Database, findGraphs } from '#ledger';

/** Transactions that are loaded at once with all that they rest on: each may be as large as a submission. */
const LOADED_AT_ONCE = 16;

/** What these transactions are and rest on, back to blocks. */
export async function loadGraph(database: Database, txids: readonly Txid[]): Promise<Map<Txid, GraphTransaction>> {
  const loaded = new Map<Txid, GraphTransaction>();
  for (let from = 0; from < txids.length; from += LOADED_AT_ONCE) {
    const some = await findGraphs(database, txids.slice(from, from + LOADED_AT_ONCE), loaded);
    for (const [txid, transaction] of some) loaded.set(txid, transaction);
  }
  return loaded;
}

/** Atomic BEEF. Between a reorg and the next proof an ancestor may stand on nothing, and half a BEEF is none. */
export function writeWhole(subject: Txid, graph: ReadonlyMap<Txid, GraphTransaction>): Result<Uint8Array> {
  const isWhole = [...graph.values()].every(
    ({ bump, inputs }) => bump !== undefined || inputs.every(({ parentTxid }) => graph.has(parentTxid)),
  );
  return isWhole && graph.has(subject)
    ? accept(writeAtomicBeef(subject, [...graph.values()]))
    : reject('chain-unsettled', 'an ancestor waits for its new proof');
}
