import type { BeefGraph } from '../beef/beef-graph';
import { TRANSACTION_ROW, TX_BUMP, countTransactions, rowNumber } from '../beef/beef-tape';

/** Rows of the needed transactions without a BUMP, parents first, the subject last: those whose rules and scripts are ours to check. */
export const listUnproven = ({ tape, needed }: BeefGraph): Uint32Array => {
  const rows = new Uint32Array(countTransactions(tape));
  let count = 0;
  for (let row = 0; row < rows.length; row++)
    if (needed[row] === 1 && rowNumber(tape.transactions, row * TRANSACTION_ROW + TX_BUMP) === 0) rows[count++] = row;
  return rows.slice(0, count);
};
