import { type Txid, txidFromWire } from '../bytes';
import { BEEF_BUMPS_MAX, BEEF_BYTES_MAX, BEEF_TRANSACTIONS_MAX } from '../limits';
import { type Result, accept, reject } from '../rejection';
import { BUMP_BYTES_MIN, scanBump } from '../spv/scan-bump';
import { BUMP_ROW, type BeefTape } from './beef-tape';
import { ByteCursor } from './byte-cursor';
import { BEEF_ATOMIC, BEEF_V1, BEEF_V2 } from './magic';
import { TRANSACTION_BYTES_MIN, TransactionRows } from './scan-transaction';

declare const scanned: unique symbol;

/** A BEEF whose every count and length was held against the bytes that are there: reading it cannot run away. Nothing in it is judged yet. */
export interface ScannedBeef {
  readonly [scanned]: true;
  readonly kind: 'V1' | 'V2' | 'Atomic';
  /** The subject that an Atomic BEEF names. */
  readonly atomicSubject: Txid | undefined;
  readonly tape: BeefTape;
}

/** The magic of an Atomic BEEF and the txid that follows it. */
const ATOMIC_HEAD_BYTES = 4 + 32;

const scanBumps = (cursor: ByteCursor): Uint32Array => {
  const count = cursor.readCount(BUMP_BYTES_MIN, BEEF_BUMPS_MAX, 'BUMPs');
  const bumps = new Uint32Array(count * BUMP_ROW);
  for (let at = 0; at < bumps.length && cursor.fault === undefined; at += BUMP_ROW) {
    bumps[at] = cursor.position;
    scanBump(cursor);
    bumps[at + 1] = cursor.position;
  }
  return bumps;
};

const scanBumpIndex = (cursor: ByteCursor, bumpCount: number): number => {
  const index = cursor.readVarint();
  if (index >= bumpCount) cursor.fail('beef-malformed', 'a transaction names a BUMP that is not there');
  return 1 + index;
};

const scanEntryV1 = (cursor: ByteCursor, rows: TransactionRows, row: number, bumpCount: number): void => {
  rows.scan(cursor, row);
  const hasBump = cursor.readUint8();
  if (hasBump > 1) cursor.fail('beef-malformed', 'a has-BUMP byte is neither 0 nor 1');
  if (hasBump === 1) rows.setBump(row, scanBumpIndex(cursor, bumpCount));
};

const scanEntryV2 = (cursor: ByteCursor, rows: TransactionRows, row: number, bumpCount: number): void => {
  const format = cursor.readUint8();
  // A transaction id in place of a transaction rests on what the receiver is said to know. This receiver knows nothing it did not verify.
  if (format === 2) cursor.fail('beef-txid-only', 'an entry holds a transaction id only');
  if (format > 2) cursor.fail('beef-malformed', 'an entry has an unknown format');
  if (format === 1) rows.setBump(row, scanBumpIndex(cursor, bumpCount));
  rows.scan(cursor, row);
};

/** One bounded pass over a BEEF V1 (BRC-62), V2 (BRC-96) or Atomic (BRC-95). Costs time in proportion to the bytes that are there, whatever they declare. */
export const scanBeef = (bytes: Uint8Array): Result<ScannedBeef> => {
  if (bytes.length > BEEF_BYTES_MAX) return reject('beef-limit-exceeded', `more than ${BEEF_BYTES_MAX} bytes`);
  const cursor = new ByteCursor(bytes, {
    truncated: 'beef-truncated',
    notCanonical: 'beef-not-canonical',
    limit: 'beef-limit-exceeded',
  });
  let magic = cursor.readUint32();
  const isAtomic = magic === BEEF_ATOMIC;
  if (isAtomic) {
    cursor.skip(32);
    magic = cursor.readUint32();
  }
  if (magic !== BEEF_V1 && magic !== BEEF_V2) cursor.fail('beef-malformed', 'the bytes do not begin as a BEEF');

  const bumps = scanBumps(cursor);
  const bumpCount = bumps.length / BUMP_ROW;
  const count = cursor.readCount(TRANSACTION_BYTES_MIN + 1, BEEF_TRANSACTIONS_MAX, 'transactions');
  const rows = new TransactionRows(count);
  const scanEntry = magic === BEEF_V1 ? scanEntryV1 : scanEntryV2;
  for (let row = 0; row < count && cursor.fault === undefined; row++) scanEntry(cursor, rows, row, bumpCount);

  if (cursor.fault) return reject(cursor.fault.code, cursor.fault.detail);
  if (cursor.bytesLeft > 0) return reject('beef-trailing-bytes', `${cursor.bytesLeft} bytes follow the end`);
  if (count === 0) return reject('beef-subject-missing', 'the BEEF holds no transaction');
  const kind = isAtomic ? 'Atomic' : magic === BEEF_V1 ? 'V1' : 'V2';
  const atomicSubject = isAtomic ? txidFromWire(bytes.subarray(4, ATOMIC_HEAD_BYTES)) : undefined;
  const tape: BeefTape = { bytes: cursor.bytes, ...rows.cut(), bumps };
  return accept({ kind, atomicSubject, tape } as unknown as ScannedBeef);
};
