import { txidFromWire } from '../bytes';
import { type Rejection, type Result, accept, reject } from '../rejection';
import { type BumpForest, TXID, leavesEnd, leavesStart } from '../spv/bump-forest';
import type { LeafIndexes } from '../spv/leaf-indexes';
import { txidAt } from './beef-graph';
import {
  type BeefTape,
  INPUT_ROW,
  IN_OUTPOINT,
  TRANSACTION_ROW,
  TX_BUMP,
  TX_FIRST_INPUT,
  TX_INPUTS,
  countTransactions,
  rowNumber,
} from './beef-tape';
import { isCoinbaseAt } from './coinbase';
import type { HashIndex } from './sort-keys';

/** What is known of a BEEF when its transactions are held against each other and against their BUMPs. */
export interface BeefParts {
  readonly tape: BeefTape;
  readonly txids: Uint8Array;
  readonly index: HashIndex;
  readonly parents: Int32Array;
  readonly forest: BumpForest;
  readonly leaves: LeafIndexes;
}

/** The SDK finds a leaf whether the path names it as a transaction or not, and then never asks the chain for the root of one that is not named. */
const proveTransaction = (parts: BeefParts, row: number, bump: number): Result<number> => {
  const { tape, txids, forest, leaves } = parts;
  const leaf = leaves.find(bump, txids, 32 * row);
  if (leaf < 0 || forest.marks[leaf] !== TXID) {
    const txid = txidAt(parts, row);
    return reject('bump-transaction-missing', `its BUMP does not name ${txid}`, { txid });
  }
  const offset = rowNumber(forest.offsets, leaf);
  if (offset !== 0 && isCoinbaseAt(tape, row)) {
    const txid = txidAt(parts, row);
    return reject('bump-malformed', `coinbase ${txid} does not stand first in its block`, { txid });
  }
  return accept(offset);
};

const findOrphanInput = ({ tape: { transactions }, parents }: BeefParts, row: number): number => {
  const first = rowNumber(transactions, row * TRANSACTION_ROW + TX_FIRST_INPUT);
  const end = first + rowNumber(transactions, row * TRANSACTION_ROW + TX_INPUTS);
  for (let input = first; input < end; input++) {
    const parent = parents[input] as number;
    if (parent < 0 || parent >= row) return input;
  }
  return -1;
};

const refuseOrphan = (parts: BeefParts, row: number, input: number): Result<never> => {
  const { bytes, inputs, transactions } = parts.tape;
  const outpoint = rowNumber(inputs, input * INPUT_ROW + IN_OUTPOINT);
  const parentTxid = txidFromWire(bytes.subarray(outpoint, outpoint + 32));
  const txid = txidAt(parts, row);
  const at = { txid, input: input - rowNumber(transactions, row * TRANSACTION_ROW + TX_FIRST_INPUT) };
  return (parts.parents[input] as number) < 0
    ? reject('beef-parent-missing', `${txid} lacks its parent ${parentTxid}`, at)
    : reject('beef-order-invalid', `${txid} comes before its parent ${parentTxid}`, at);
};

/** No transaction twice, a proof for each that names a BUMP, parents before each that does not. Answers the leaf offsets by transaction row. */
export const linkTransactions = (parts: BeefParts): Result<Uint32Array> => {
  const count = countTransactions(parts.tape);
  const leafOffsets = new Uint32Array(count);
  const repeated = parts.index.findRepeated();
  for (let row = 0; row < count; row++) {
    if (row === repeated) {
      const txid = txidAt(parts, row);
      return reject('beef-duplicate-transaction', `${txid} stands twice`, { txid });
    }
    const bump = rowNumber(parts.tape.transactions, row * TRANSACTION_ROW + TX_BUMP);
    if (bump === 0) {
      const orphan = findOrphanInput(parts, row);
      if (orphan >= 0) return refuseOrphan(parts, row, orphan);
      continue;
    }
    const offset = proveTransaction(parts, row, bump - 1);
    if (!offset.ok) return offset;
    leafOffsets[row] = offset.value;
  }
  return accept(leafOffsets);
};

/** A second flag-2 leaf beside a transaction of this BEEF is refused: with it, one BUMP would have two encodings. Elsewhere stock wallets leave such flags. */
export const findStrangeSibling = ({ forest, index }: BeefParts): Rejection | undefined => {
  const { hashes, places, marks, offsets, heights } = forest;
  const isHere = (node: number): boolean => index.find(hashes, 32 * rowNumber(places, node)) >= 0;
  for (let bump = 0; bump < heights.length; bump++) {
    const start = leavesStart(forest, bump);
    const end = leavesEnd(forest, bump);
    for (let node = start; node < end; node++) {
      if (marks[node] !== TXID || isHere(node)) continue;
      const sibling = (rowNumber(offsets, node) & 1) === 0 ? node + 1 : node - 1;
      if (sibling < start || sibling >= end || !isHere(sibling)) continue;
      const place = 32 * rowNumber(places, node);
      const txid = txidFromWire(hashes.subarray(place, place + 32));
      return { code: 'beef-not-canonical', detail: `a BUMP names ${txid}, which the BEEF lacks`, at: { txid } };
    }
  }
  return undefined;
};
