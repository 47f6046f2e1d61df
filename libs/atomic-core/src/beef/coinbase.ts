import {
  type BeefTape,
  INPUT_ROW,
  IN_OUTPOINT,
  TRANSACTION_ROW,
  TX_FIRST_INPUT,
  TX_INPUTS,
  rowNumber,
} from './beef-tape';

/** A transaction that makes new coins: its one input spends nothing. */
export const isCoinbaseAt = ({ bytes, transactions, inputs }: BeefTape, row: number): boolean => {
  if (rowNumber(transactions, row * TRANSACTION_ROW + TX_INPUTS) !== 1) return false;
  const outpoint = rowNumber(
    inputs,
    rowNumber(transactions, row * TRANSACTION_ROW + TX_FIRST_INPUT) * INPUT_ROW + IN_OUTPOINT,
  );
  for (let at = 0; at < 32; at++) if (bytes[outpoint + at] !== 0) return false;
  for (let at = 32; at < 36; at++) if (bytes[outpoint + at] !== 0xff) return false;
  return true;
};
