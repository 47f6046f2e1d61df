import type { BeefGraph } from '../beef/beef-graph';
import {
  type BeefTape,
  INPUT_ROW,
  IN_OUTPOINT,
  OUTPUT_ROW,
  TRANSACTION_ROW,
  TX_FIRST_INPUT,
  TX_FIRST_OUTPUT,
  TX_INPUTS,
  TX_OUTPUTS,
  countTransactions,
  readUint32At,
  rowNumber,
} from '../beef/beef-tape';
import { isCoinbaseAt } from '../beef/coinbase';
import { findRepeatedKey, sortKeys } from '../beef/sort-keys';

const OUTPOINT_WORDS = 9;

/** The input that spends an outpoint for the second time. */
export interface DoubleSpend {
  readonly row: number;
  /** By input row. */
  readonly input: number;
}

const findSpender = (tape: BeefTape, input: number): number => {
  let row = countTransactions(tape) - 1;
  while (rowNumber(tape.transactions, row * TRANSACTION_ROW + TX_FIRST_INPUT) > input) row--;
  return row;
};

/**
 * B5, B6: one spender for each outpoint in all of the BEEF, proven transactions and strangers included; the same outpoint twice in one is the same sin. An
 * output of the BEEF is ticked off in its row; the outpoints of others are sorted by their bytes.
 */
export const findDoubleSpend = ({ tape, parents }: BeefGraph): DoubleSpend | undefined => {
  const { bytes, transactions, inputs, outputs } = tape;
  const spent = new Uint8Array(outputs.length / OUTPUT_ROW);
  const outside = new Uint32Array(parents.length);
  const outsideInputs = new Uint32Array(parents.length);
  let outsideCount = 0;
  for (let row = 0; row < countTransactions(tape); row++) {
    const first = rowNumber(transactions, row * TRANSACTION_ROW + TX_FIRST_INPUT);
    const end = first + rowNumber(transactions, row * TRANSACTION_ROW + TX_INPUTS);
    for (let input = first; input < end; input++) {
      const outpoint = rowNumber(inputs, input * INPUT_ROW + IN_OUTPOINT);
      const parent = parents[input] as number;
      const vout = readUint32At(bytes, outpoint + 32);
      if (parent < 0 || vout >= rowNumber(transactions, parent * TRANSACTION_ROW + TX_OUTPUTS)) {
        if (isCoinbaseAt(tape, row)) continue;
        outside[outsideCount] = outpoint;
        outsideInputs[outsideCount++] = input;
        continue;
      }
      const output = rowNumber(transactions, parent * TRANSACTION_ROW + TX_FIRST_OUTPUT) + vout;
      if (spent[output] === 1) return { row, input };
      spent[output] = 1;
    }
  }
  const keys = { bytes, positions: outside.slice(0, outsideCount), words: OUTPOINT_WORDS };
  const repeated = findRepeatedKey(keys, sortKeys(keys));
  if (repeated < 0) return undefined;
  const input = rowNumber(outsideInputs, repeated);
  return { row: findSpender(tape, input), input };
};
