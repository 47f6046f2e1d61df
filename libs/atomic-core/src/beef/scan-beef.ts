import { type Txid, txidFromWire } from '../bytes';
import {
  BEEF_BUMPS_MAX,
  BEEF_BYTES_MAX,
  BEEF_TRANSACTIONS_MAX,
  BLOCK_HEIGHT_MAX,
  BUMP_HEIGHT_MAX,
  BUMP_LEVEL_NODES_MAX,
} from '../limits';
import { type Result, accept, reject } from '../rejection';
import { ByteCursor } from './byte-cursor';
import { TRANSACTION_BYTES_MIN, skipTransaction } from './read-transaction';

declare const scanned: unique symbol;

/** A stretch of the BEEF: `start` is its first byte, `end` the byte after its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface ScannedEntry extends Span {
  readonly bumpIndex: number | undefined;
}

/** A BEEF whose every count and length was held against the bytes that are there: reading it cannot run away. Nothing in it is judged yet. */
export interface ScannedBeef {
  readonly [scanned]: true;
  readonly kind: 'V1' | 'V2' | 'Atomic';
  /** The subject that an Atomic BEEF names. */
  readonly atomicSubject: Txid | undefined;
  readonly bytes: Uint8Array;
  readonly bumps: readonly Span[];
  readonly entries: readonly ScannedEntry[];
}

const ATOMIC = 0x01010101;
const V1 = 0xefbe0001;
const V2 = 0xefbe0002;

/** height, tree height, one level with one node */
const BUMP_BYTES_MIN = 1 + 1 + 1 + 2;
/** offset and flags; the hash is not there when the flag says duplicate */
const NODE_BYTES_MIN = 2;

const skipBump = (cursor: ByteCursor): void => {
  if (cursor.readVarint() > BLOCK_HEIGHT_MAX) cursor.fail('bump-malformed', 'a block height is out of range');
  const treeHeight = cursor.readUint8();
  if (treeHeight < 1 || treeHeight > BUMP_HEIGHT_MAX)
    cursor.fail('bump-malformed', `a tree height is not 1 to ${BUMP_HEIGHT_MAX}`);
  for (let level = 0; level < treeHeight && !cursor.fault; level++) {
    const nodeCount = cursor.readCount(NODE_BYTES_MIN, BUMP_LEVEL_NODES_MAX, 'nodes in one level of a BUMP');
    for (let index = 0; index < nodeCount; index++) {
      cursor.readVarint();
      if (cursor.readUint8() !== 1) cursor.skip(32);
    }
  }
};

const scanBump = (cursor: ByteCursor): Span => {
  const start = cursor.position;
  skipBump(cursor);
  return { start, end: cursor.position };
};

const readBumpIndex = (cursor: ByteCursor, bumpCount: number): number => {
  const index = cursor.readVarint();
  if (index >= bumpCount) cursor.fail('beef-malformed', 'a transaction names a BUMP that is not there');
  return index;
};

const scanEntryV1 = (cursor: ByteCursor, bumpCount: number): ScannedEntry => {
  const start = cursor.position;
  skipTransaction(cursor);
  const end = cursor.position;
  const hasBump = cursor.readUint8();
  if (hasBump > 1) cursor.fail('beef-malformed', 'a has-BUMP byte is neither 0 nor 1');
  return { start, end, bumpIndex: hasBump === 1 ? readBumpIndex(cursor, bumpCount) : undefined };
};

const scanEntryV2 = (cursor: ByteCursor, bumpCount: number): ScannedEntry => {
  const format = cursor.readUint8();
  // A transaction id in place of a transaction rests on what the receiver is said to know. This receiver knows nothing it did not verify.
  if (format === 2) cursor.fail('beef-txid-only', 'an entry holds a transaction id only');
  if (format > 2) cursor.fail('beef-malformed', 'an entry has an unknown format');
  const bumpIndex = format === 1 ? readBumpIndex(cursor, bumpCount) : undefined;
  const start = cursor.position;
  skipTransaction(cursor);
  return { start, end: cursor.position, bumpIndex };
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
  const atomicSubject = magic === ATOMIC ? txidFromWire(cursor.readBytes(32)) : undefined;
  if (atomicSubject !== undefined) magic = cursor.readUint32();
  if (magic !== V1 && magic !== V2) cursor.fail('beef-malformed', 'the bytes do not begin as a BEEF');

  const bumps: Span[] = [];
  const bumpCount = cursor.readCount(BUMP_BYTES_MIN, BEEF_BUMPS_MAX, 'BUMPs');
  while (bumps.length < bumpCount && !cursor.fault) bumps.push(scanBump(cursor));

  const entries: ScannedEntry[] = [];
  const entryCount = cursor.readCount(TRANSACTION_BYTES_MIN + 1, BEEF_TRANSACTIONS_MAX, 'transactions');
  const scanEntry = magic === V1 ? scanEntryV1 : scanEntryV2;
  while (entries.length < entryCount && !cursor.fault) entries.push(scanEntry(cursor, bumpCount));

  if (cursor.fault) return reject(cursor.fault.code, cursor.fault.detail);
  if (cursor.bytesLeft > 0) return reject('beef-trailing-bytes', `${cursor.bytesLeft} bytes follow the end`);
  if (entries.length === 0) return reject('beef-subject-missing', 'the BEEF holds no transaction');
  const kind = atomicSubject !== undefined ? 'Atomic' : magic === V1 ? 'V1' : 'V2';
  return accept({ kind, atomicSubject, bytes: cursor.bytes, bumps, entries } as unknown as ScannedBeef);
};
