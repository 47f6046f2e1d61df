import { SATOSHIS_MAX, computeTxid } from '../bytes';
import { BEEF_BYTES_MAX } from '../limits';
import { type Result, accept, reject } from '../rejection';
import { type BeefTape, OUTPUT_ROW, OUT_SATOSHIS, readUint64At, rowNumber } from './beef-tape';
import { ByteCursor, TRANSACTION_CODES } from './byte-cursor';
import { openTransaction } from './open-transaction';
import { TransactionRows } from './scan-transaction';
import type { Transaction } from './transaction';

const scanAlone = (raw: Uint8Array): Result<BeefTape> => {
  if (raw.length > BEEF_BYTES_MAX) return reject('beef-limit-exceeded', `more than ${BEEF_BYTES_MAX} bytes`);
  const cursor = new ByteCursor(raw, TRANSACTION_CODES);
  const rows = new TransactionRows(1);
  rows.scan(cursor, 0);
  if (cursor.fault) return reject(cursor.fault.code, cursor.fault.detail);
  if (cursor.bytesLeft > 0) return reject('transaction-malformed', 'bytes follow the transaction');
  return accept({ bytes: cursor.bytes, ...rows.cut(), bumps: new Uint32Array(0) });
};

/** Reads exactly one transaction: no byte less, no byte more, every integer in its shortest form, so that the bytes are the only ones with this txid. */
export const readTransaction = (raw: Uint8Array): Result<Transaction> => {
  const tape = scanAlone(raw);
  if (!tape.ok) return tape;
  const { bytes, outputs } = tape.value;
  const txid = computeTxid(bytes);
  for (let at = 0; at < outputs.length; at += OUTPUT_ROW)
    if (readUint64At(bytes, rowNumber(outputs, at + OUT_SATOSHIS)) > SATOSHIS_MAX)
      return reject('transaction-value-invalid', 'an output value is above 21e14 satoshis', { txid });
  return accept(openTransaction(tape.value, 0, txid));
};
