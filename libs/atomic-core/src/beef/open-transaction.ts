import { type Txid, txidFromWire } from '../bytes';
import {
  type BeefTape,
  INPUT_ROW,
  IN_OUTPOINT,
  IN_SCRIPT,
  IN_SCRIPT_END,
  OUTPUT_ROW,
  OUT_SATOSHIS,
  OUT_SCRIPT,
  OUT_SCRIPT_END,
  TRANSACTION_ROW,
  TX_END,
  TX_FIRST_INPUT,
  TX_FIRST_OUTPUT,
  TX_INPUTS,
  TX_OUTPUTS,
  TX_START,
  readUint32At,
  readUint64At,
  rowNumber,
} from './beef-tape';
import type { Transaction, TransactionInput, TransactionOutput } from './transaction';

const openInputs = ({ bytes, transactions, inputs }: BeefTape, row: number): TransactionInput[] => {
  const first = rowNumber(transactions, row * TRANSACTION_ROW + TX_FIRST_INPUT);
  return Array.from({ length: rowNumber(transactions, row * TRANSACTION_ROW + TX_INPUTS) }, (_, index) => {
    const at = (first + index) * INPUT_ROW;
    const outpoint = rowNumber(inputs, at + IN_OUTPOINT);
    const scriptEnd = rowNumber(inputs, at + IN_SCRIPT_END);
    return {
      parentTxid: txidFromWire(bytes.subarray(outpoint, outpoint + 32)),
      parentVout: readUint32At(bytes, outpoint + 32),
      unlockingScript: bytes.subarray(rowNumber(inputs, at + IN_SCRIPT), scriptEnd),
      sequence: readUint32At(bytes, scriptEnd),
    };
  });
};

const openOutputs = ({ bytes, transactions, outputs }: BeefTape, row: number): TransactionOutput[] => {
  const first = rowNumber(transactions, row * TRANSACTION_ROW + TX_FIRST_OUTPUT);
  return Array.from({ length: rowNumber(transactions, row * TRANSACTION_ROW + TX_OUTPUTS) }, (_, index) => {
    const at = (first + index) * OUTPUT_ROW;
    return {
      satoshis: readUint64At(bytes, rowNumber(outputs, at + OUT_SATOSHIS)),
      lockingScript: bytes.subarray(rowNumber(outputs, at + OUT_SCRIPT), rowNumber(outputs, at + OUT_SCRIPT_END)),
    };
  });
};

/**
 * One row of a tape as an object. Inputs and outputs are made when they are asked for, once: of most ancestors nobody ever asks. Own properties, not those of
 * a class, so that a copy by spread or by structured clone is whole.
 */
export const openTransaction = (tape: BeefTape, row: number, txid: Txid): Transaction => {
  const { bytes, transactions } = tape;
  // Bytes that were handed to another thread would read as an empty transaction.
  const requireBytes = (): void => {
    if (bytes.length === 0) throw new Error(`the bytes of ${txid} are not here any more`);
  };
  requireBytes();
  const raw = bytes.subarray(
    rowNumber(transactions, row * TRANSACTION_ROW + TX_START),
    rowNumber(transactions, row * TRANSACTION_ROW + TX_END),
  );
  let inputs: TransactionInput[] | undefined;
  let outputs: TransactionOutput[] | undefined;
  return {
    txid,
    raw,
    version: readUint32At(raw, 0),
    get inputs() {
      if (inputs === undefined) requireBytes();
      return (inputs ??= openInputs(tape, row));
    },
    get outputs() {
      if (outputs === undefined) requireBytes();
      return (outputs ??= openOutputs(tape, row));
    },
    lockTime: readUint32At(raw, raw.length - 4),
  };
};
