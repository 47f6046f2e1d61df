import { type BeefGraph, txidAt } from '../beef/beef-graph';
import { TRANSACTION_ROW, TX_BUMP, countTransactions, rowNumber } from '../beef/beef-tape';
import { type Txid, txidFromWire } from '../bytes';

/** The first needed transaction that rests on this root: for who refuses the root and is asked which transaction falls with it. */
export const findProven = (
  graph: BeefGraph,
  { height, root }: { readonly height: number; readonly root: string },
): Txid | undefined => {
  const { tape, needed, heights, roots } = graph;
  for (let row = 0; row < countTransactions(tape); row++) {
    const bump = rowNumber(tape.transactions, row * TRANSACTION_ROW + TX_BUMP) - 1;
    if (bump < 0 || needed[row] === 0 || rowNumber(heights, bump) !== height) continue;
    if (txidFromWire(roots.subarray(32 * bump, 32 * bump + 32)) === root) return txidAt(graph, row);
  }
  return undefined;
};
