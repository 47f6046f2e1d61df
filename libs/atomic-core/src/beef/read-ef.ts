import { SATOSHIS_MAX } from '../bytes';
import { BEEF_BYTES_MAX, TRANSACTION_INPUTS_MAX } from '../limits';
import { type Result, accept, reject } from '../rejection';
import { readUint64At, rowNumber } from './beef-tape';
import { ByteCursor, TRANSACTION_CODES } from './byte-cursor';
import { MeasuredWriter } from './measured-writer';
import { EF_MARKER } from './magic';
import { readTransaction } from './read-transaction';
import type { Transaction, TransactionOutput } from './transaction';

/** outpoint, empty script, sequence; satoshis and an empty script of what it spends */
const EF_INPUT_BYTES_MIN = 36 + 1 + 4 + 8 + 1;
/** Where an input's own bytes end and the value of what it spends stands; start and end of the locking script that follows. */
const SPENT_ROW = 3;

/** A transaction with the outputs that it spends, in the order of its inputs. Whether they are its parents' is not said by these bytes. */
export interface ExtendedTransaction {
  readonly transaction: Transaction;
  readonly parentOutputs: readonly TransactionOutput[];
}

const hasMarker = (bytes: Uint8Array): boolean => EF_MARKER.every((byte, index) => bytes[4 + index] === byte);

/** Passes over the inputs. What comes behind them stands as in any transaction and is read as such. */
const scanInputs = (cursor: ByteCursor): Uint32Array => {
  cursor.skip(4 + EF_MARKER.length);
  const count = cursor.readCount(EF_INPUT_BYTES_MIN, TRANSACTION_INPUTS_MAX, 'inputs');
  const spent = new Uint32Array(count * SPENT_ROW);
  for (let at = 0; at < spent.length && cursor.fault === undefined; at += SPENT_ROW) {
    cursor.skip(36);
    cursor.skipScript();
    cursor.skip(4);
    spent[at] = cursor.position;
    cursor.skip(8);
    spent[at + 1] = cursor.skipScript();
    spent[at + 2] = cursor.position;
  }
  return spent;
};

/** The transaction alone: everything but the marker and what follows each input. */
const cutTransaction = (bytes: Uint8Array, spent: Uint32Array): Uint8Array => {
  let length = bytes.length - EF_MARKER.length;
  for (let at = 0; at < spent.length; at += SPENT_ROW) length -= rowNumber(spent, at + 2) - rowNumber(spent, at);
  const writer = new MeasuredWriter(length);
  writer.writeSlice(bytes, 0, 4);
  let written = 4 + EF_MARKER.length;
  for (let at = 0; at < spent.length; at += SPENT_ROW) {
    writer.writeSlice(bytes, written, rowNumber(spent, at));
    written = rowNumber(spent, at + 2);
  }
  writer.writeSlice(bytes, written, bytes.length);
  return writer.finish();
};

/**
 * Reads exactly one transaction in Extended Format (BRC-30), as strictly as `readTransaction`: every integer in its shortest form, no byte left over, so that
 * `writeExtendedFormat` writes the same bytes again.
 */
export const readExtendedFormat = (bytes: Uint8Array): Result<ExtendedTransaction> => {
  if (bytes.length > BEEF_BYTES_MAX) return reject('beef-limit-exceeded', `more than ${BEEF_BYTES_MAX} bytes`);
  if (!hasMarker(bytes)) return reject('transaction-malformed', 'the marker of Extended Format is not there');
  const cursor = new ByteCursor(bytes, TRANSACTION_CODES);
  const spent = scanInputs(cursor);
  if (cursor.fault) return reject(cursor.fault.code, cursor.fault.detail);
  const transaction = readTransaction(cutTransaction(cursor.bytes, spent));
  if (!transaction.ok) return transaction;
  const { txid } = transaction.value;
  const parentOutputs: TransactionOutput[] = [];
  for (let row = 0; row < spent.length; row += SPENT_ROW) {
    const satoshis = readUint64At(cursor.bytes, rowNumber(spent, row));
    const lockingScript = cursor.bytes.subarray(rowNumber(spent, row + 1), rowNumber(spent, row + 2));
    if (satoshis > SATOSHIS_MAX)
      return reject('transaction-value-invalid', 'an input spends more than 21e14 satoshis', {
        txid,
        input: row / SPENT_ROW,
      });
    parentOutputs.push({ satoshis, lockingScript });
  }
  return accept({ transaction: transaction.value, parentOutputs });
};
