import { txidAt } from '../beef/beef-graph';
import { type BeefTape, INPUT_ROW, IN_OUTPOINT, countTransactions, rowNumber } from '../beef/beef-tape';
import { computeTxids } from '../beef/compute-txids';
import { findSubject } from '../beef/find-subject';
import { measureDepths } from '../beef/reach-ancestors';
import { readBeef } from '../beef/read-beef';
import { scanBeef } from '../beef/scan-beef';
import { HashIndex } from '../beef/sort-keys';
import { type Txid, txidToWire } from '../bytes';
import { liveCrypto } from '../crypto/open-crypto';

/** Where in a BEEF a transaction stands, as far as the bytes can be read. */
export interface RefusedPlace {
  /** Whether the bytes are a BEEF at all: false says that nothing beyond their form was ever judged. */
  readonly isReadable: boolean;
  readonly subject: Txid | undefined;
  /** Spends between the subject (0) and the transaction, by the shortest way. Undefined where there is none. */
  readonly depth: number | undefined;
}

/** By input row. Always the first of equal transactions: in a BEEF that was refused one may stand twice. */
const findParents = ({ bytes, inputs }: BeefTape, index: HashIndex): Int32Array => {
  const parents = new Int32Array(inputs.length / INPUT_ROW);
  for (let input = 0; input < parents.length; input++)
    parents[input] = index.find(bytes, rowNumber(inputs, input * INPUT_ROW + IN_OUTPOINT));
  return parents;
};

/**
 * Finds a transaction in a BEEF that was refused, perhaps for its very form: what can be read of it is read, and nothing is believed. Costs a second
 * reading, so it belongs where the first one was done.
 */
export const locateTransaction = (beef: Uint8Array, txid: Txid | undefined): RefusedPlace => {
  const scanned = scanBeef(beef);
  if (!scanned.ok) return { isReadable: false, subject: undefined, depth: undefined };
  const { tape } = scanned.value;
  const isReadable = readBeef(scanned.value).ok;
  const txids = computeTxids(tape, liveCrypto());
  const index = new HashIndex(txids, countTransactions(tape));
  const subject = findSubject(scanned.value, index);
  if (subject < 0) return { isReadable, subject: undefined, depth: undefined };
  const row = txid === undefined ? -1 : index.find(txidToWire(txid), 0);
  // Past proven transactions too: what was refused may stand beyond one.
  const depths = row < 0 ? undefined : measureDepths({ tape, parents: findParents(tape, index), subject });
  const depth = depths?.[row] ?? -1;
  return { isReadable, subject: txidAt({ txids }, subject), depth: depth < 0 ? undefined : depth };
};
