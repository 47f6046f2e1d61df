import { accept, reject, writeAtomicBeef, type GraphTransaction, type Result, type Txid } from '#atomic-core';
import { findGraph, type Database } from '#ledger';

/** Atomic BEEF (BRC-95) of a stored transaction, with the newest proofs. */
export async function findAtomicBeef(database: Database, txid: Txid): Promise<Result<Buffer>> {
  const graph = await findGraph(database, txid);
  // Between a reorg and the next proof an ancestor may stand on nothing; half a BEEF would be refused by whoever gets it.
  if (!isComplete(graph)) return reject('chain-unsettled', 'an ancestor waits for its new proof');
  const octets = writeAtomicBeef(txid, graph);
  return accept(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
}

function isComplete(graph: readonly GraphTransaction[]): boolean {
  const known = new Set(graph.map(({ txid }) => txid));
  return graph.every(
    ({ bump, inputs }) => bump !== undefined || inputs.every(({ parentTxid }) => known.has(parentTxid)),
  );
}
