import { SATOSHIS_MAX, computeTxid, txidFromWire } from '../bytes';
import { BEEF_BYTES_MAX, TRANSACTION_INPUTS_MAX, TRANSACTION_OUTPUTS_MAX } from '../limits';
import { type Result, accept, reject } from '../rejection';
import { ByteCursor } from './byte-cursor';
import type { Transaction, TransactionInput, TransactionOutput } from './transaction';

/** outpoint, empty script, sequence */
const INPUT_BYTES_MIN = 36 + 1 + 4;
/** satoshis, empty script */
const OUTPUT_BYTES_MIN = 8 + 1;
/** version, two counts, lock time */
export const TRANSACTION_BYTES_MIN = 4 + 1 + 1 + 4;

const readScript = (cursor: ByteCursor): Uint8Array =>
  cursor.readBytes(cursor.readCount(1, BEEF_BYTES_MAX, 'script bytes'));

const skipScript = (cursor: ByteCursor): void => cursor.skip(cursor.readCount(1, BEEF_BYTES_MAX, 'script bytes'));

/** Passes over one transaction, checking every count against the bytes left. Makes nothing. */
export const skipTransaction = (cursor: ByteCursor): void => {
  cursor.skip(4);
  const inputCount = cursor.readCount(INPUT_BYTES_MIN, TRANSACTION_INPUTS_MAX, 'inputs');
  for (let index = 0; index < inputCount && !cursor.fault; index++) {
    cursor.skip(36);
    skipScript(cursor);
    cursor.skip(4);
  }
  const outputCount = cursor.readCount(OUTPUT_BYTES_MIN, TRANSACTION_OUTPUTS_MAX, 'outputs');
  for (let index = 0; index < outputCount && !cursor.fault; index++) {
    cursor.skip(8);
    skipScript(cursor);
  }
  cursor.skip(4);
};

const readInput = (cursor: ByteCursor): TransactionInput => ({
  parentTxid: txidFromWire(cursor.readBytes(32)),
  parentVout: cursor.readUint32(),
  unlockingScript: readScript(cursor),
  sequence: cursor.readUint32(),
});

const readOutput = (cursor: ByteCursor): TransactionOutput => {
  const satoshis = cursor.readUint64();
  if (satoshis > SATOSHIS_MAX) cursor.fail('transaction-value-invalid', 'an output value is above 21e14 satoshis');
  return { satoshis, lockingScript: readScript(cursor) };
};

const readMany = <T>(cursor: ByteCursor, count: number, readOne: (cursor: ByteCursor) => T): T[] => {
  const many: T[] = [];
  while (many.length < count && !cursor.fault) many.push(readOne(cursor));
  return many;
};

/** Reads one transaction where the cursor stands. What it answers means nothing once the cursor has a fault. */
export const readTransactionAt = (cursor: ByteCursor): Transaction => {
  const start = cursor.position;
  const version = cursor.readUint32();
  const inputs = readMany(cursor, cursor.readCount(INPUT_BYTES_MIN, TRANSACTION_INPUTS_MAX, 'inputs'), readInput);
  const outputs = readMany(cursor, cursor.readCount(OUTPUT_BYTES_MIN, TRANSACTION_OUTPUTS_MAX, 'outputs'), readOutput);
  const lockTime = cursor.readUint32();
  const raw = cursor.bytes.subarray(start, cursor.position);
  return { txid: computeTxid(raw), raw, version, inputs, outputs, lockTime };
};

/** Reads exactly one transaction: no byte less, no byte more, every integer in its shortest form, so that the bytes are the only ones with this txid. */
export const readTransaction = (raw: Uint8Array): Result<Transaction> => {
  if (raw.length > BEEF_BYTES_MAX) return reject('beef-limit-exceeded', `more than ${BEEF_BYTES_MAX} bytes`);
  const cursor = new ByteCursor(raw, {
    truncated: 'transaction-malformed',
    notCanonical: 'transaction-malformed',
    limit: 'beef-limit-exceeded',
  });
  const transaction = readTransactionAt(cursor);
  if (!cursor.fault && cursor.bytesLeft > 0) cursor.fail('transaction-malformed', 'bytes follow the transaction');
  return cursor.fault ? reject(cursor.fault.code, cursor.fault.detail) : accept(transaction);
};
