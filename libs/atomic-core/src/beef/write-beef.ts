import { type Txid, txidToWire } from '../bytes';
import type { GraphTransaction } from '../spv/verified-transaction';
import { ByteWriter } from './byte-writer';

const ATOMIC = 0x01010101;
const V2 = 0xefbe0002;

type Graph = ReadonlyMap<Txid, GraphTransaction>;

/** The subject and its ancestors back to proven ones, parents first. Iterative: each transaction is visited once to open and once to close. */
const sortParentsFirst = (subject: Txid, graph: Graph): GraphTransaction[] => {
  const sorted: GraphTransaction[] = [];
  const opened = new Set<Txid>();
  const waiting: { readonly txid: Txid; readonly step: 'open' | 'close' }[] = [{ txid: subject, step: 'open' }];
  for (let current = waiting.pop(); current; current = waiting.pop()) {
    const transaction = graph.get(current.txid);
    if (!transaction) throw new Error(`the graph of ${subject} lacks ${current.txid}`);
    if (current.step === 'close') {
      sorted.push(transaction);
      continue;
    }
    if (opened.has(current.txid)) continue;
    opened.add(current.txid);
    waiting.push({ txid: current.txid, step: 'close' });
    if (transaction.bump) continue;
    for (const { parentTxid } of transaction.inputs) waiting.push({ txid: parentTxid, step: 'open' });
  }
  return sorted;
};

/**
 * Writes Atomic BEEF (BRC-95) around V2 (BRC-96): the subject and exactly what it rests on, whatever else is in `graph`. One BUMP for each proven
 * transaction, never merged: wallets of the stock SDK pass a merged path on with transactions they do not send, and readers stumble over those.
 */
export const writeAtomicBeef = (subject: Txid, graph: readonly GraphTransaction[]): Uint8Array => {
  const transactions = sortParentsFirst(subject, new Map(graph.map((transaction) => [transaction.txid, transaction])));
  const bumps = transactions.flatMap(({ bump }) => (bump ? [bump] : []));
  const writer = new ByteWriter()
    .writeUint32(ATOMIC)
    .writeBytes(txidToWire(subject))
    .writeUint32(V2)
    .writeVarint(bumps.length);
  for (const bump of bumps) writer.writeBytes(bump.bytes);
  writer.writeVarint(transactions.length);
  let bumpIndex = 0;
  for (const { bump, raw } of transactions) {
    if (bump) writer.writeUint8(1).writeVarint(bumpIndex++);
    else writer.writeUint8(0);
    writer.writeBytes(raw);
  }
  return writer.toBytes();
};
