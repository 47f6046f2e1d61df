import { type Txid, txidToWire } from '../bytes';
import type { GraphTransaction } from '../spv/verified-transaction';
import { BEEF_ATOMIC, BEEF_V2 } from './magic';
import { MeasuredWriter, varintBytes } from './measured-writer';

type Graph = ReadonlyMap<Txid, GraphTransaction>;

/** The subjects and their ancestors back to proven ones, parents first. Iterative: each transaction is visited once to open and once to close. */
const sortParentsFirst = (subjects: readonly Txid[], graph: Graph): GraphTransaction[] => {
  const sorted: GraphTransaction[] = [];
  const opened = new Set<Txid>();
  // To open a transaction is to wait for its parents, to close it is to write it down: one entry of each kind for each of its inputs at most.
  const waiting: Txid[] = [...subjects].reverse();
  const closing: boolean[] = waiting.map(() => false);
  for (let txid = waiting.pop(); txid !== undefined; txid = waiting.pop()) {
    const isClosing = closing.pop() === true;
    if (!isClosing && opened.has(txid)) continue;
    const transaction = graph.get(txid);
    if (!transaction) throw new Error(`the graph of ${subjects.join(', ')} lacks ${txid}`);
    if (isClosing || transaction.bump) {
      opened.add(txid);
      sorted.push(transaction);
      continue;
    }
    opened.add(txid);
    waiting.push(txid);
    closing.push(true);
    for (const { parentTxid } of transaction.inputs) {
      if (opened.has(parentTxid)) continue;
      waiting.push(parentTxid);
      closing.push(false);
    }
  }
  return sorted;
};

const measure = (transactions: readonly GraphTransaction[], bumps: readonly Uint8Array[]): number => {
  let length = 4 + varintBytes(bumps.length) + varintBytes(transactions.length);
  for (const bytes of bumps) length += bytes.length;
  for (let index = 0; index < bumps.length; index++) length += varintBytes(index);
  for (const { raw } of transactions) length += 1 + raw.length;
  return length;
};

const ATOMIC_PREFIX_BYTES = 4 + 32;

const indexGraph = (graph: readonly GraphTransaction[]): Graph =>
  new Map(graph.map((transaction) => [transaction.txid, transaction]));

const write = (transactions: readonly GraphTransaction[], atomic: Txid | undefined): Uint8Array => {
  const bumps = transactions.flatMap(({ bump }) => (bump ? [bump.bytes] : []));
  const writer = new MeasuredWriter((atomic === undefined ? 0 : ATOMIC_PREFIX_BYTES) + measure(transactions, bumps));
  if (atomic !== undefined) {
    writer.writeUint32(BEEF_ATOMIC);
    writer.writeBytes(txidToWire(atomic));
  }
  writer.writeUint32(BEEF_V2);
  writer.writeVarint(bumps.length);
  for (const bytes of bumps) writer.writeBytes(bytes);
  writer.writeVarint(transactions.length);
  let bumpIndex = 0;
  for (const { bump, raw } of transactions) {
    writer.writeUint8(bump ? 1 : 0);
    if (bump) writer.writeVarint(bumpIndex++);
    writer.writeBytes(raw);
  }
  return writer.finish();
};

/**
 * Writes Atomic BEEF (BRC-95) around V2 (BRC-96): the subject and exactly what it rests on, whatever else is in `graph`. One BUMP for each proven
 * transaction, never merged: wallets of the stock SDK pass a merged path on with transactions they do not send, and readers stumble over those.
 */
export const writeAtomicBeef = (subject: Txid, graph: readonly GraphTransaction[]): Uint8Array =>
  write(sortParentsFirst([subject], indexGraph(graph)), subject);

/** Writes V2 (BRC-96) around many subjects: each transaction that they are or rest on once. What a wallet takes as `inputBEEF` (BRC-100). */
export const writeBeef = (subjects: readonly Txid[], graph: readonly GraphTransaction[]): Uint8Array =>
  write(sortParentsFirst(subjects, indexGraph(graph)), undefined);
