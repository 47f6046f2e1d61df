import type { BeefTape } from './beef-tape';
import {
  INPUT_ROW,
  IN_OUTPOINT,
  TRANSACTION_ROW,
  TX_FIRST_INPUT,
  TX_INPUTS,
  countTransactions,
  rowNumber,
} from './beef-tape';
import { type HashIndex, isSameHash } from './sort-keys';

/**
 * By input row: the lowest row of the transaction that it spends from, or -1. First two guesses that are right in nearly all BEEFs, the parent of the input
 * before or the transaction behind that one, and the transaction before this one; a guess costs one comparison, the search a logarithm of them.
 */
export const findParents = (tape: BeefTape, txids: Uint8Array, index: HashIndex): Int32Array => {
  const { bytes, transactions, inputs } = tape;
  const parents = new Int32Array(inputs.length / INPUT_ROW);
  const count = countTransactions(tape);
  const isParent = (row: number, outpoint: number): boolean =>
    row >= 0 && row < count && isSameHash(txids, 32 * row, bytes, outpoint);
  let last = -1;
  for (let row = 0; row < count; row++) {
    const first = rowNumber(transactions, row * TRANSACTION_ROW + TX_FIRST_INPUT);
    const end = first + rowNumber(transactions, row * TRANSACTION_ROW + TX_INPUTS);
    for (let input = first; input < end; input++) {
      const outpoint = rowNumber(inputs, input * INPUT_ROW + IN_OUTPOINT);
      const found = isParent(last, outpoint)
        ? last
        : isParent(last + 1, outpoint)
          ? last + 1
          : isParent(row - 1, outpoint)
            ? row - 1
            : index.find(bytes, outpoint);
      parents[input] = found;
      if (found >= 0) last = found;
    }
  }
  return parents;
};
