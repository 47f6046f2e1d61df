import type { BeefGraph } from '../beef/beef-graph';
import {
  IN_OUTPOINT,
  INPUT_ROW,
  TRANSACTION_ROW,
  TX_FIRST_INPUT,
  TX_FIRST_OUTPUT,
  TX_INPUTS,
  TX_OUTPUTS,
  readUint32At,
} from '../beef/beef-tape';
import type { SignedInput } from './sighash-batch';

const OUTPOINT_TXID_BYTES = 32;

/** The last transaction whose first input is not behind `input`: the one that has it, since those without inputs stand before it. */
const findTransaction = (transactions: Uint32Array, input: number): number => {
  let low = 0;
  let high = transactions.length / TRANSACTION_ROW - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((transactions[middle * TRANSACTION_ROW + TX_FIRST_INPUT] as number) <= input) low = middle;
    else high = middle - 1;
  }
  return low;
};

/** Fills `found` with the rows of an input, its transaction and the output that it spends. False when the BEEF lacks that output. */
export const locateInput = ({ tape, parents }: BeefGraph, input: number, found: SignedInput): boolean => {
  const { bytes, transactions, inputs } = tape;
  const held = found.transaction * TRANSACTION_ROW;
  const offset = input - (transactions[held + TX_FIRST_INPUT] as number);
  if (!(offset >= 0 && offset < (transactions[held + TX_INPUTS] as number)))
    found.transaction = findTransaction(transactions, input);
  found.input = input;
  const parent = parents[input] ?? -1;
  if (parent < 0) return false;
  const vout = readUint32At(bytes, (inputs[input * INPUT_ROW + IN_OUTPOINT] as number) + OUTPOINT_TXID_BYTES);
  if (vout >= (transactions[parent * TRANSACTION_ROW + TX_OUTPUTS] as number)) return false;
  found.spentOutput = (transactions[parent * TRANSACTION_ROW + TX_FIRST_OUTPUT] as number) + vout;
  return true;
};
