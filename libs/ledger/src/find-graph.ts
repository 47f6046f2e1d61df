import { limits, readTransaction } from '#atomic-core';
import type { GraphTransaction, Txid } from '#atomic-core';
import { In, IsNull } from 'typeorm';
import type { Database } from './database';
import { TransactionEntity } from './entities/transaction';
import type { StoredTransaction } from './entities/transaction';

const readStored = (stored: StoredTransaction): GraphTransaction => {
  const read = readTransaction(stored.raw);
  // Only verified transactions are stored, so this is a fault of ours.
  if (!read.ok) throw new Error(`Stored transaction ${stored.txid} does not read: ${read.rejection.detail}`);
  const { bump, bumpRoot: root, blockHeight: height } = stored;
  return { ...read.value, bump: bump && root && height !== null ? { bytes: bump, root, height } : undefined };
};

const STORED = { txid: true, raw: true, bump: true, bumpRoot: true, blockHeight: true } as const;

/** Those of `txids` that are stored and that the network did not refuse, each alone and with its proof, in no order. */
export const findTransactions = async (db: Database, txids: readonly Txid[]): Promise<GraphTransaction[]> => {
  if (txids.length === 0) return [];
  const rows = await db
    .getRepository(TransactionEntity)
    .find({ select: STORED, where: { txid: In(txids), refusedAt: IsNull() } });
  return rows.map(readStored);
};

/** Rows of these txids and of the parents of every unproven one, level by level; a proven transaction ends its branch. `known` need not be read again. */
const loadAncestry = async (
  db: Database,
  subjects: readonly Txid[],
  known: ReadonlyMap<Txid, GraphTransaction> = new Map(),
): Promise<Map<Txid, GraphTransaction>> => {
  const found = new Map<Txid, GraphTransaction>();
  const unread = (txids: Iterable<Txid>): Txid[] => [...txids].filter((txid) => !found.has(txid) && !known.has(txid));
  let frontier = unread(new Set(subjects));
  while (frontier.length > 0) {
    const rows = await db.getRepository(TransactionEntity).find({
      select: STORED,
      where: { txid: In(frontier) },
    });
    const parents = new Set<Txid>();
    for (const transaction of rows.map(readStored)) {
      found.set(transaction.txid, transaction);
      if (transaction.bump) continue;
      for (const input of transaction.inputs) parents.add(input.parentTxid);
    }
    if (found.size > limits.GRAPH_TRANSACTIONS_MAX * subjects.length)
      throw new Error(`The graph of ${subjects.join(', ')} is larger than the ledger admits`);
    frontier = unread(parents);
  }
  return found;
};

/** Parents first, the subject last: each transaction is placed after all the parents that are here. Iterative: depth is the caller's. */
const sortParentsFirst = (found: Map<Txid, GraphTransaction>, subject: Txid): GraphTransaction[] => {
  const sorted = new Map<Txid, GraphTransaction>();
  const stack: Txid[] = [subject];
  const opened = new Set<Txid>();
  while (stack.length > 0) {
    const txid = stack[stack.length - 1] as Txid;
    const transaction = found.get(txid);
    if (transaction === undefined || sorted.has(txid) || opened.has(txid)) {
      if (transaction !== undefined) sorted.set(txid, transaction);
      stack.pop();
      continue;
    }
    opened.add(txid);
    const parents = transaction.bump ? [] : transaction.inputs.map((input) => input.parentTxid);
    for (const parent of parents)
      if (found.has(parent) && !sorted.has(parent) && !opened.has(parent)) stack.push(parent);
  }
  return [...sorted.values()];
};

/**
 * The transaction with its ancestors back to proven ones, parents first; empty when it is unknown. After a reorg an ancestor may stand
 * without proof or parents until its proof is fetched again: compare inputs before building a BEEF of it.
 */
export const findGraph = async (db: Database, txid: Txid): Promise<GraphTransaction[]> => {
  const found = await loadAncestry(db, [txid]);
  return found.has(txid) ? sortParentsFirst(found, txid) : [];
};

/**
 * As {@link findGraph} for many transactions at once, in no order: what is not in `known` yet. A transaction of `known` MUST be there with all that it rests on.
 * Whoever asks for many MUST do so a few at a time: each may rest on megabytes.
 */
export const findGraphs = (
  db: Database,
  txids: readonly Txid[],
  known: ReadonlyMap<Txid, GraphTransaction>,
): Promise<ReadonlyMap<Txid, GraphTransaction>> => loadAncestry(db, txids, known);
