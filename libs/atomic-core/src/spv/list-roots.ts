import type { BeefGraph } from '../beef/beef-graph';
import { TRANSACTION_ROW, TX_BUMP, countTransactions, rowNumber } from '../beef/beef-tape';
import { txidFromWire } from '../bytes';

/** Each Merkle root that the subject rests on, once, with the height it claims: the questions for the chain. */
export const listRoots = ({ tape, needed, heights, roots }: BeefGraph): { height: number; root: string }[] => {
  const listed = new Map<string, { height: number; root: string }>();
  const seen = new Uint8Array(heights.length);
  for (let row = 0; row < countTransactions(tape); row++) {
    const bump = rowNumber(tape.transactions, row * TRANSACTION_ROW + TX_BUMP) - 1;
    if (bump < 0 || needed[row] === 0 || seen[bump] === 1) continue;
    seen[bump] = 1;
    const height = rowNumber(heights, bump);
    const root = txidFromWire(roots.subarray(32 * bump, 32 * bump + 32));
    listed.set(`${height} ${root}`, { height, root });
  }
  return [...listed.values()];
};
