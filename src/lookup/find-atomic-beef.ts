import { accept, limits, reject, writeAtomicBeef, type GraphTransaction, type Result, type Txid } from '#atomic-core';
import { findGraphs, type Database } from '#ledger';

type Graph = ReadonlyMap<Txid, GraphTransaction>;

/**
 * Atomic BEEF (BRC-95) of a stored transaction, with the newest proofs. A transaction of `opened` is written without its proof and rests on its inputs
 * instead, so that readers find its history where they look for it, behind its inputs; `opened` is in order from the subject backwards. One that the
 * ledger does not know all parents of keeps its proof, and so does one whose parents would make the answer too large: the history ends there.
 */
export async function findAtomicBeef(
  database: Database,
  txid: Txid,
  opened: readonly Txid[] = [],
): Promise<Result<Buffer>> {
  let graph = await findGraphs(database, [txid], new Map());
  // Between a reorg and the next proof an ancestor may stand on nothing; half a BEEF would be refused by whoever gets it.
  if (!isComplete(graph)) return reject('chain-unsettled', 'an ancestor waits for its new proof');
  for (const earlier of opened) graph = await openProven(database, graph, earlier);
  const octets = writeAtomicBeef(txid, [...graph.values()]);
  return accept(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
}

async function openProven(database: Database, graph: Graph, txid: Txid): Promise<Graph> {
  const transaction = graph.get(txid);
  // Without its child opened it is not there, without a proof its inputs are there.
  if (transaction?.bump === undefined) return graph;
  const parents = [...new Set(transaction.inputs.map(({ parentTxid }) => parentTxid))];
  const more = await findGraphs(database, parents, graph);
  const both = new Map([...graph, ...more, [txid, { ...transaction, bump: undefined }]]);
  return isComplete(both) && sizeOf(both) <= limits.LOOKUP_BEEF_BYTES_MAX ? both : graph;
}

function isComplete(graph: Graph): boolean {
  for (const { bump, inputs } of graph.values()) {
    if (bump === undefined && !inputs.every(({ parentTxid }) => graph.has(parentTxid))) return false;
  }
  return true;
}

function sizeOf(graph: Graph): number {
  let bytes = 0;
  for (const { raw, bump } of graph.values()) bytes += raw.length + (bump?.bytes.length ?? 0);
  return bytes;
}
