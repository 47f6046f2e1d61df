import type { BeefGraph } from './beef-graph';
import { TRANSACTION_ROW, TX_BUMP, TX_FIRST_INPUT, TX_INPUTS, countTransactions, rowNumber } from './beef-tape';

/** How many spends lie between the subject (0) and each transaction, past proven ones too; -1 for what is no ancestor. By breadth: depth is the sender's choice. */
export const measureDepths = ({
  tape,
  parents,
  subject,
}: Pick<BeefGraph, 'tape' | 'parents' | 'subject'>): Int32Array => {
  const { transactions } = tape;
  const count = countTransactions(tape);
  const depths = new Int32Array(count).fill(-1);
  const waiting = new Uint32Array(count);
  waiting[0] = subject;
  depths[subject] = 0;
  let reached = 1;
  for (let next = 0; next < reached; next++) {
    const row = waiting[next] as number;
    const first = rowNumber(transactions, row * TRANSACTION_ROW + TX_FIRST_INPUT);
    const end = first + rowNumber(transactions, row * TRANSACTION_ROW + TX_INPUTS);
    for (let input = first; input < end; input++) {
      const parent = parents[input] as number;
      if (parent < 0 || depths[parent] !== -1) continue;
      depths[parent] = (depths[row] as number) + 1;
      waiting[reached++] = parent;
    }
  }
  return depths;
};

/** By row: 1 for the subject and its ancestors back to proven ones. Parents of what is not proven have lower rows, so one walk down meets each child first. */
export const markNeeded = ({ tape, parents, subject }: Pick<BeefGraph, 'tape' | 'parents' | 'subject'>): Uint8Array => {
  const { transactions } = tape;
  const needed = new Uint8Array(countTransactions(tape));
  needed[subject] = 1;
  for (let row = subject; row >= 0; row--) {
    const at = row * TRANSACTION_ROW;
    if (needed[row] === 0 || rowNumber(transactions, at + TX_BUMP) !== 0) continue;
    const first = rowNumber(transactions, at + TX_FIRST_INPUT);
    const end = first + rowNumber(transactions, at + TX_INPUTS);
    for (let input = first; input < end; input++) needed[parents[input] as number] = 1;
  }
  return needed;
};

/** Transactions in the longest line of spends that ends in a proven transaction. Parents of what is not proven have lower rows, so one walk up is enough. */
export const measureLongestLine = ({ tape, parents }: Pick<BeefGraph, 'tape' | 'parents'>): number => {
  const { transactions } = tape;
  const count = countTransactions(tape);
  const lines = new Uint32Array(count);
  let longest = 0;
  for (let row = 0; row < count; row++) {
    const at = row * TRANSACTION_ROW;
    let behind = 0;
    if (rowNumber(transactions, at + TX_BUMP) === 0) {
      const first = rowNumber(transactions, at + TX_FIRST_INPUT);
      const end = first + rowNumber(transactions, at + TX_INPUTS);
      for (let input = first; input < end; input++)
        behind = Math.max(behind, lines[parents[input] as number] as number);
    }
    lines[row] = behind + 1;
    longest = Math.max(longest, behind + 1);
  }
  return longest;
};
