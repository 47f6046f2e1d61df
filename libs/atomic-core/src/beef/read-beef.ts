import { SATOSHIS_MAX } from '../bytes';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { liveCrypto } from '../crypto/open-crypto';
import { AMBIGUOUS_LEAF_BYTES, BEEF_DEPTH_MAX } from '../limits';
import { type Result, accept, reject } from '../rejection';
import { type BumpForest, findUnequalBlock } from '../spv/bump-forest';
import { foldBumps } from '../spv/fold-bumps';
import { LeafIndexes } from '../spv/leaf-indexes';
import { type Allocate, SlabMemory } from '../spv/slab';
import { type BeefGraph, txidAt } from './beef-graph';
import {
  type BeefTape,
  OUTPUT_ROW,
  OUT_SATOSHIS,
  TRANSACTION_ROW,
  TX_END,
  TX_FIRST_OUTPUT,
  TX_OUTPUTS,
  TX_START,
  countTransactions,
  readUint64At,
  rowNumber,
} from './beef-tape';
import { computeTxids } from './compute-txids';
import { findParents } from './find-parents';
import { findSubject } from './find-subject';
import { findStrangeSibling, linkTransactions } from './link-transactions';
import { markNeeded, measureDepths, measureLongestLine } from './reach-ancestors';
import type { ScannedBeef } from './scan-beef';
import { HashIndex } from './sort-keys';

declare const read: unique symbol;

/**
 * A BEEF as a graph: well formed, canonical, in order, every unproven transaction with all its parents, every proven one with a path that leads from it
 * to the root of its BUMP. Not judged yet: whether those roots are in the chain, and every rule about values, time and scripts.
 */
export type ReadBeef = BeefGraph & { readonly [read]: true };

/** The part of a backend that reading needs. */
type Hashing = Pick<CryptoBackend, 'sha256dSpans' | 'hashPairs'>;

/** Of this thread. A graph keeps nothing of its forest but copies. */
const slabMemory = new SlabMemory();

const readForest = (
  tape: BeefTape,
  crypto: Hashing,
  allocate: Allocate,
): Result<{ forest: BumpForest; leaves: LeafIndexes }> => {
  const forest = foldBumps(tape, crypto, allocate);
  if (!forest.ok) return forest;
  const leaves = LeafIndexes.open(forest.value);
  if (!leaves.ok) return leaves;
  const unequal = findUnequalBlock(forest.value);
  if (unequal !== undefined) return reject('bump-malformed', `two tree heights for block ${unequal}`);
  return accept({ forest: forest.value, leaves: leaves.value });
};

/** What is wrong with a transaction by itself: a value that no output can have, the length of an inner node. */
const requireTransactions = (tape: BeefTape, txids: Uint8Array): Result<true> => {
  const { bytes, transactions, outputs } = tape;
  for (let row = 0; row < countTransactions(tape); row++) {
    const at = row * TRANSACTION_ROW;
    const first = rowNumber(transactions, at + TX_FIRST_OUTPUT);
    const end = first + rowNumber(transactions, at + TX_OUTPUTS);
    for (let output = first; output < end; output++) {
      if (readUint64At(bytes, rowNumber(outputs, output * OUTPUT_ROW + OUT_SATOSHIS)) <= SATOSHIS_MAX) continue;
      const txid = txidAt({ txids }, row);
      return reject('transaction-value-invalid', `output ${output - first} of ${txid} is above 21e14 satoshis`, {
        txid,
      });
    }
    if (rowNumber(transactions, at + TX_END) - rowNumber(transactions, at + TX_START) !== AMBIGUOUS_LEAF_BYTES)
      continue;
    const txid = txidAt({ txids }, row);
    return reject('transaction-leaf-ambiguous', `${txid} has 64 bytes`, { txid });
  }
  return accept(true);
};

const listRootHashes = ({ rootPlaces, hashes }: BumpForest): Uint8Array => {
  const roots = new Uint8Array(32 * rootPlaces.length);
  for (let bump = 0; bump < rootPlaces.length; bump++) {
    const place = 32 * rowNumber(rootPlaces, bump);
    roots.set(hashes.subarray(place, place + 32), 32 * bump);
  }
  return roots;
};

/** BRC-95: an Atomic BEEF holds its subject and its subject's ancestors, or MUST fail. V1 and V2 promise no such thing. */
const requireRelated = (graph: Pick<BeefGraph, 'tape' | 'parents' | 'subject' | 'txids'>): Result<true> => {
  const stranger = measureDepths(graph).indexOf(-1);
  if (stranger < 0) return accept(true);
  const txid = txidAt(graph, stranger);
  return reject('beef-unrelated-transaction', `${txid} is no ancestor of ${txidAt(graph, graph.subject)}`, { txid });
};

/** A line of spends is no longer than there are transactions, so few BEEFs are measured. */
const requireDepth = (graph: Pick<BeefGraph, 'tape' | 'parents'>): Result<true> =>
  countTransactions(graph.tape) > BEEF_DEPTH_MAX && measureLongestLine(graph) > BEEF_DEPTH_MAX
    ? reject('beef-limit-exceeded', `more than ${BEEF_DEPTH_MAX} transactions in one line of spends`)
    : accept(true);

/** Reads a scanned BEEF into its graph. Costs as much more as the BEEF has more bytes, but for the sorting of its txids. */
export const readBeef = (scanned: ScannedBeef, crypto: Hashing = liveCrypto()): Result<ReadBeef> =>
  slabMemory.lend((allocate) => readIn(allocate, scanned, crypto));

const readIn = (allocate: Allocate, scanned: ScannedBeef, crypto: Hashing): Result<ReadBeef> => {
  const { tape } = scanned;
  const bumps = readForest(tape, crypto, allocate);
  if (!bumps.ok) return bumps;
  const txids = computeTxids(tape, crypto);
  const transactions = requireTransactions(tape, txids);
  if (!transactions.ok) return transactions;
  const index = new HashIndex(txids, countTransactions(tape));
  const parents = findParents(tape, txids, index);
  const parts = { tape, txids, index, parents, ...bumps.value };
  const leafOffsets = linkTransactions(parts);
  if (!leafOffsets.ok) return leafOffsets;
  const strange = findStrangeSibling(parts);
  if (strange !== undefined) return { ok: false, rejection: strange };
  const depth = requireDepth(parts);
  if (!depth.ok) return depth;
  const subject = findSubject(scanned, index);
  if (subject < 0) {
    const txid = scanned.atomicSubject;
    return reject('beef-subject-missing', 'the Atomic BEEF lacks the transaction it names', txid && { txid });
  }
  const graph = { tape, subject, txids, parents };
  if (scanned.kind === 'Atomic') {
    const related = requireRelated(graph);
    if (!related.ok) return related;
  }
  const { forest } = bumps.value;
  return accept({
    ...graph,
    needed: markNeeded(graph),
    leafOffsets: leafOffsets.value,
    heights: forest.heights.slice(),
    roots: listRootHashes(forest),
  } as unknown as ReadBeef);
};
