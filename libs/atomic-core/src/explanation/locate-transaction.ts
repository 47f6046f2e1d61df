import { type Txid, computeTxid } from '../bytes';
import {
  IN_OUTPOINT,
  INPUT_ROW,
  TRANSACTION_ROW,
  TX_END,
  TX_FIRST_INPUT,
  TX_INPUTS,
  TX_START,
} from '../beef/beef-tape';
import type { BeefTape } from '../beef/beef-tape';
import { readBeef } from '../beef/read-beef';
import { scanBeef } from '../beef/scan-beef';

/** Where in a BEEF a transaction stands, as far as the bytes can be read. */
export interface RefusedPlace {
  /** Whether the bytes are a BEEF at all: false says that nothing beyond their form was ever judged. */
  readonly isReadable: boolean;
  readonly subject: Txid | undefined;
  /** Spends between the subject (0) and the transaction, by the shortest way. Undefined where there is none. */
  readonly depth: number | undefined;
}

const keyOf = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + 32);

/** Rows by the txid's 32 bytes, as text: one comparison for a lookup and nothing reversed. */
const indexRows = ({ bytes, transactions }: BeefTape): { txids: Txid[]; rows: Map<string, number> } => {
  const txids: Txid[] = [];
  const rows = new Map<string, number>();
  for (let at = 0; at < transactions.length; at += TRANSACTION_ROW) {
    const start = transactions[at + TX_START] ?? 0;
    const txid = computeTxid(bytes.subarray(start, transactions[at + TX_END]));
    const key = Buffer.from(txid, 'hex').reverse().toString('latin1');
    if (!rows.has(key)) rows.set(key, txids.length);
    txids.push(txid);
  }
  return { txids, rows };
};

/** By row; -1 where no way leads from the subject. Goes through proven transactions too: what was refused may stand beyond one. */
const measureRows = (tape: BeefTape, rows: ReadonlyMap<string, number>, subject: number): Int32Array => {
  const bytes = Buffer.from(tape.bytes.buffer, tape.bytes.byteOffset, tape.bytes.byteLength);
  const depths = new Int32Array(tape.transactions.length / TRANSACTION_ROW).fill(-1);
  const waiting = [subject];
  depths[subject] = 0;
  for (let next = 0; next < waiting.length; next += 1) {
    const row = waiting[next] ?? 0;
    const first = tape.transactions[row * TRANSACTION_ROW + TX_FIRST_INPUT] ?? 0;
    const count = tape.transactions[row * TRANSACTION_ROW + TX_INPUTS] ?? 0;
    for (let input = first; input < first + count; input += 1) {
      const parent = rows.get(keyOf(bytes, tape.inputs[input * INPUT_ROW + IN_OUTPOINT] ?? 0));
      if (parent === undefined || depths[parent] !== -1) continue;
      depths[parent] = (depths[row] ?? 0) + 1;
      waiting.push(parent);
    }
  }
  return depths;
};

/**
 * Finds a transaction in a BEEF that was refused, perhaps for its very form: what can be read of it is read, and nothing is believed. Costs a second
 * reading, so it belongs where the first one was done.
 */
export const locateTransaction = (beef: Uint8Array, txid: Txid | undefined): RefusedPlace => {
  const scanned = scanBeef(beef);
  if (!scanned.ok) return { isReadable: false, subject: undefined, depth: undefined };
  const { tape, atomicSubject } = scanned.value;
  const { txids, rows } = indexRows(tape);
  const isReadable = readBeef(scanned.value).ok;
  const subject = atomicSubject === undefined ? txids.length - 1 : txids.indexOf(atomicSubject);
  const place = txid === undefined ? -1 : txids.indexOf(txid);
  const depth = subject < 0 || place < 0 ? -1 : (measureRows(tape, rows, subject)[place] ?? -1);
  return { isReadable, subject: txids[subject], depth: depth < 0 ? undefined : depth };
};
