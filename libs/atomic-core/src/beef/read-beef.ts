import { type Txid, isTxid } from '../bytes';
import { AMBIGUOUS_LEAF_BYTES } from '../limits';
import { type Result, accept, reject } from '../rejection';
import { type BumpTree, readBumpTree } from '../spv/bump-tree';
import type { Bump, GraphTransaction } from '../spv/verified-transaction';
import { writeBump } from '../spv/write-bump';
import { ByteCursor, type CursorCodes } from './byte-cursor';
import { isCoinbase } from './coinbase';
import { readTransactionAt } from './read-transaction';
import type { ScannedBeef, ScannedEntry } from './scan-beef';
import type { Transaction } from './transaction';

declare const read: unique symbol;

/**
 * A BEEF as a graph: well formed, canonical, in order, every unproven transaction with all its parents, every proven one with a path that leads from it
 * to `bump.root`. Not judged yet: whether those roots are in the chain, and every rule about values, time and scripts.
 */
export interface ReadBeef {
  readonly [read]: true;
  readonly subject: Txid;
  /** What the subject rests on: itself and its ancestors back to proven ones, parents first, the subject last. */
  readonly transactions: readonly GraphTransaction[];
  /** What else stood in the BEEF: ancestors of proven transactions and, in V1 and V2, strangers. Never passed on; only held against double spends. */
  readonly beyond: readonly GraphTransaction[];
}

type Graph = ReadonlyMap<Txid, GraphTransaction>;

const CODES: CursorCodes = {
  truncated: 'beef-truncated',
  notCanonical: 'beef-not-canonical',
  limit: 'beef-limit-exceeded',
};

const readTrees = (scanned: ScannedBeef): Result<BumpTree[]> => {
  const trees: BumpTree[] = [];
  const treeHeights = new Map<number, number>();
  for (const span of scanned.bumps) {
    const tree = readBumpTree(new ByteCursor(scanned.bytes.subarray(span.start, span.end), CODES));
    if (!tree.ok) return tree;
    const treeHeight = treeHeights.get(tree.value.height) ?? tree.value.levels.length;
    // Paths of different length in one block: one of them takes an inner node for a leaf, or a leaf for an inner node.
    if (treeHeight !== tree.value.levels.length)
      return reject('bump-malformed', `two tree heights for block ${tree.value.height}`);
    treeHeights.set(tree.value.height, treeHeight);
    trees.push(tree.value);
  }
  return accept(trees);
};

const readEntry = (scanned: ScannedBeef, entry: ScannedEntry): Result<Transaction> => {
  const cursor = new ByteCursor(scanned.bytes.subarray(entry.start, entry.end), CODES);
  const transaction = readTransactionAt(cursor);
  if (cursor.fault) return reject(cursor.fault.code, cursor.fault.detail);
  if (transaction.raw.length === AMBIGUOUS_LEAF_BYTES)
    return reject('transaction-leaf-ambiguous', `${transaction.txid} has 64 bytes`);
  return accept(transaction);
};

/** The SDK finds a leaf whether the path names it as a transaction or not, and then never asks the chain for the root of one that is not named. */
const proveEntry = (transaction: Transaction, tree: BumpTree): Result<Bump> => {
  const leaf = tree.leaves.get(transaction.txid);
  if (!leaf?.isTxid) return reject('bump-transaction-missing', `its BUMP does not name ${transaction.txid}`);
  if (isCoinbase(transaction) && leaf.offset !== 0)
    return reject('bump-malformed', `coinbase ${transaction.txid} does not stand first in its block`);
  return accept({ height: tree.height, root: tree.root, bytes: writeBump(tree, leaf.offset) });
};

const requireParents = (transaction: Transaction, graph: Graph, all: ReadonlySet<Txid>): Result<true> => {
  for (const { parentTxid } of transaction.inputs) {
    if (graph.has(parentTxid)) continue;
    return all.has(parentTxid)
      ? reject('beef-order-invalid', `${transaction.txid} comes before its parent ${parentTxid}`)
      : reject('beef-parent-missing', `${transaction.txid} lacks its parent ${parentTxid}`);
  }
  return accept(true);
};

/** A second flag-2 leaf beside a transaction of this BEEF is refused: with it, one BUMP would have two encodings. Elsewhere stock wallets leave such flags. */
const requireNamedSiblings = (tree: BumpTree, graph: Graph): Result<true> => {
  const named = new Set<number>();
  for (const [txid, leaf] of tree.leaves) if (graph.has(txid)) named.add(leaf.offset);
  for (const [txid, leaf] of tree.leaves) {
    if (!leaf.isTxid || graph.has(txid)) continue;
    if (named.has(leaf.offset + (leaf.offset % 2 === 0 ? 1 : -1)))
      return reject('beef-not-canonical', `a BUMP names ${txid}, which the BEEF lacks`);
  }
  return accept(true);
};

/** Everything reachable from the subject by its inputs; past proven transactions only when `past` says so. Iterative: depth is the sender's choice. */
const reach = (subject: GraphTransaction, graph: Graph, past: 'past-proofs' | 'to-proofs'): Set<Txid> => {
  const reached = new Set<Txid>([subject.txid]);
  const waiting = [subject];
  for (let current = waiting.pop(); current; current = waiting.pop()) {
    if (current.bump && past === 'to-proofs') continue;
    for (const { parentTxid } of current.inputs) {
      const parent = graph.get(parentTxid);
      if (!parent || reached.has(parentTxid)) continue;
      reached.add(parentTxid);
      waiting.push(parent);
    }
  }
  return reached;
};

const readGraph = (scanned: ScannedBeef, trees: readonly BumpTree[]): Result<Graph> => {
  const transactions: Transaction[] = [];
  for (const entry of scanned.entries) {
    const transaction = readEntry(scanned, entry);
    if (!transaction.ok) return transaction;
    transactions.push(transaction.value);
  }
  const all = new Set(transactions.map(({ txid }) => txid));
  const graph = new Map<Txid, GraphTransaction>();
  for (const [index, transaction] of transactions.entries()) {
    if (graph.has(transaction.txid)) return reject('beef-duplicate-transaction', `${transaction.txid} stands twice`);
    const tree = trees[scanned.entries[index]?.bumpIndex ?? -1];
    const bump = tree ? proveEntry(transaction, tree) : accept(undefined);
    if (!bump.ok) return bump;
    const parents = tree ? accept(true) : requireParents(transaction, graph, all);
    if (!parents.ok) return parents;
    graph.set(transaction.txid, { ...transaction, bump: bump.value });
  }
  return accept(graph);
};

const findSubject = (scanned: ScannedBeef, graph: Graph): GraphTransaction | undefined =>
  scanned.atomicSubject !== undefined && isTxid(scanned.atomicSubject)
    ? graph.get(scanned.atomicSubject)
    : [...graph.values()].at(-1);

/** Reads a scanned BEEF into its graph. */
export const readBeef = (scanned: ScannedBeef): Result<ReadBeef> => {
  const trees = readTrees(scanned);
  if (!trees.ok) return trees;
  const graph = readGraph(scanned, trees.value);
  if (!graph.ok) return graph;
  for (const tree of trees.value) {
    const named = requireNamedSiblings(tree, graph.value);
    if (!named.ok) return named;
  }
  const subject = findSubject(scanned, graph.value);
  if (!subject) return reject('beef-subject-missing', 'the Atomic BEEF lacks the transaction it names');
  // BRC-95: an Atomic BEEF holds its subject and its subject's ancestors, or MUST fail. V1 and V2 promise no such thing.
  if (scanned.kind === 'Atomic' && reach(subject, graph.value, 'past-proofs').size !== graph.value.size)
    return reject('beef-unrelated-transaction', `the Atomic BEEF holds more than ${subject.txid} and its ancestors`);
  const needed = reach(subject, graph.value, 'to-proofs');
  const transactions = [...graph.value.values()].filter(({ txid }) => needed.has(txid) && txid !== subject.txid);
  const beyond = [...graph.value.values()].filter(({ txid }) => !needed.has(txid));
  return accept({ subject: subject.txid, transactions: [...transactions, subject], beyond } as unknown as ReadBeef);
};
