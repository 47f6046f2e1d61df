import { Beef } from '@bsv/sdk';
import {
  type BuiltTransaction,
  buildBeefV2,
  buildBlock,
  buildFunding,
  buildTransaction,
  judgeBeef,
  verdictOf,
} from '#testkit';
import { openNeeded } from '../spv/open-verified';
import type { GraphTransaction } from '../spv/verified-transaction';
import { readBeef } from './read-beef';
import { scanBeef } from './scan-beef';
import { writeAtomicBeef, writeBeef } from './write-beef';

const spend = (satoshis: number, ...parents: BuiltTransaction[]): BuiltTransaction =>
  buildTransaction({ inputs: parents.map(({ txid }) => ({ txid })), outputs: [{ satoshis }] });

// Two proven parents in one block, two unproven between them and the subject, and a stranger that nothing asks for.
const left = buildFunding([{ satoshis: 600 }], 1);
const right = buildFunding([{ satoshis: 400 }], 2);
const middle = spend(600, left);
const other = spend(400, right);
const subject = spend(1_000, middle, other);
const stranger = spend(400, right);
const block = buildBlock(900_000, [buildFunding([{ satoshis: 1 }], 3), left, right]);
const isRoot = (height: number, root: string): boolean => height === block.height && root === block.root;

const readOk = (beef: Uint8Array) => {
  const scanned = scanBeef(beef);
  const read = scanned.ok ? readBeef(scanned.value) : scanned;
  if (!read.ok) throw new Error(read.rejection.detail);
  return { transactions: openNeeded(read.value), needed: [...read.value.needed] };
};
const graph: readonly GraphTransaction[] = readOk(
  buildBeefV2(
    [block.bump(1, 2)],
    [
      { raw: left.raw, bumpIndex: 0 },
      { raw: right.raw, bumpIndex: 0 },
      { raw: other.raw },
      { raw: middle.raw },
      { raw: subject.raw },
    ],
  ),
).transactions;

describe('writeAtomicBeef', () => {
  const written = writeAtomicBeef(subject.txid, graph);

  it('is read back by us as the same graph with the same proofs', () => {
    const read = readOk(written);
    expect(read.transactions.at(-1)?.txid).toBe(subject.txid);
    expect(read.needed).toEqual([1, 1, 1, 1, 1]);
    const byTxid = (a: GraphTransaction, b: GraphTransaction) => a.txid.localeCompare(b.txid);
    expect([...read.transactions].sort(byTxid)).toEqual([...graph].sort(byTxid));
    expect(verdictOf(judgeBeef(written, isRoot))).toBe('accepted');
  });

  it('is read by the SDK, with the subject, all five transactions and the root of the block', () => {
    const beef = Beef.fromBinary([...written]);
    expect(beef.atomicTxid).toBe(subject.txid);
    expect(beef.txs.map(({ txid }) => txid).sort()).toEqual(graph.map(({ txid }) => txid).sort());
    expect(beef.verifyValid()).toEqual({ valid: true, roots: { [block.height]: block.root } });
  });

  it('does not depend on the order of the graph, and leaves out what the subject does not rest on', () => {
    const [strange] = readOk(
      buildBeefV2([block.bump(2)], [{ raw: right.raw, bumpIndex: 0 }, { raw: stranger.raw }]),
    ).transactions.filter(({ txid }) => txid === stranger.txid);
    const shuffled = [strange as GraphTransaction, ...[...graph].reverse()];
    const transactions = readOk(writeAtomicBeef(subject.txid, shuffled)).transactions.map(({ txid }) => txid);
    expect([...transactions].sort()).toEqual(graph.map(({ txid }) => txid).sort());
  });

  it('is not written without a parent: half a BEEF would be refused by whoever gets it', () => {
    const lacking = graph.filter(({ txid }) => txid !== middle.txid);
    expect(() => writeAtomicBeef(subject.txid, lacking)).toThrow(`lacks ${middle.txid}`);
  });
});

describe('writeBeef', () => {
  it('holds every subject and what they rest on once, parents first, whatever the order they are named in', () => {
    for (const subjects of [
      [middle.txid, subject.txid, other.txid],
      [subject.txid, other.txid, middle.txid, subject.txid],
    ]) {
      const beef = Beef.fromBinary([...writeBeef(subjects, graph)]);
      expect(beef.atomicTxid).toBeUndefined();
      expect(beef.txs.map(({ txid }) => txid).sort()).toEqual(graph.map(({ txid }) => txid).sort());
      expect(beef.verifyValid()).toEqual({ valid: true, roots: { [block.height]: block.root } });
      const place = (txid: string) => beef.txs.findIndex((each) => each.txid === txid);
      expect(place(left.txid)).toBeLessThan(place(middle.txid));
      expect(Math.max(place(middle.txid), place(other.txid))).toBeLessThan(place(subject.txid));
    }
  });

  it('leaves out what no subject rests on', () => {
    const beef = Beef.fromBinary([...writeBeef([middle.txid], graph)]);
    expect(beef.txs.map(({ txid }) => txid)).toEqual([left.txid, middle.txid]);
    expect(beef.isValid()).toBe(true);
  });
});
