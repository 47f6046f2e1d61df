import {
  type BeefEntry,
  type BuiltTransaction,
  buildAtomicBeef,
  buildBeefV1,
  buildBeefV2,
  buildBlock,
  buildCoinbase,
  buildFunding,
  buildTransaction,
  varint,
} from '#testkit';
import type { Rejection } from '../rejection';
import { nodeHashing } from '../crypto/node-hashing';
import { listUnproven } from '../spv/list-unproven';
import { txidAt } from './beef-graph';
import { BUMP_ROW, TRANSACTION_ROW, TX_BUMP, TX_END, TX_START, countTransactions } from './beef-tape';
import { type ReadBeef, readBeef } from './read-beef';
import { type ScannedBeef, scanBeef } from './scan-beef';

const scanOk = (beef: Uint8Array): ScannedBeef => {
  const scanned = scanBeef(beef);
  if (!scanned.ok) throw new Error(scanned.rejection.detail);
  return scanned.value;
};
const readOk = (beef: Uint8Array): ReadBeef => {
  const read = readBeef(scanOk(beef));
  if (!read.ok) throw new Error(read.rejection.detail);
  return read.value;
};
const refusalOf = (beef: Uint8Array): Rejection | undefined => {
  const read = readBeef(scanOk(beef));
  return read.ok ? undefined : read.rejection;
};

const coins = (count: number) => Array.from({ length: count }, () => ({ satoshis: 10 }));
const spend = (parents: readonly BuiltTransaction[], outputs = 1): BuiltTransaction =>
  buildTransaction({ inputs: parents.map(({ txid }) => ({ txid })), outputs: coins(outputs) });

const funding = buildFunding(coins(2));
const block = buildBlock(900_000, [buildCoinbase(1), funding]);
const proven: BeefEntry = { raw: funding.raw, bumpIndex: 0 };

/** Shapes of `size` transactions, inputs or BUMPs. */
const shapes: Readonly<Record<string, (size: number) => Buffer>> = {
  'a deep chain': (size) => {
    const entries = [proven];
    for (let parent = funding; entries.length <= size; entries.push({ raw: parent.raw })) parent = spend([parent]);
    return buildBeefV2([block.bump(1)], entries);
  },
  'a wide fan': (size) => {
    const source = buildFunding(coins(size));
    const arms = Array.from({ length: size }, (_, vout) =>
      buildTransaction({ inputs: [{ txid: source.txid, vout }], outputs: coins(1) }),
    );
    const bump = buildBlock(900_000, [buildCoinbase(1), source]).bump(1);
    const entries = [source, ...arms, spend(arms)].map(({ raw }, row) => (row === 0 ? { raw, bumpIndex: 0 } : { raw }));
    return buildBeefV2([bump], entries);
  },
  'a diamond of two ways at each step': (size) => {
    const entries = [proven];
    for (let parent = funding; entries.length <= size; entries.push({ raw: parent.raw })) {
      const { txid } = parent;
      parent = buildTransaction({ inputs: [{ txid }, { txid, vout: 1 }], outputs: coins(2) });
    }
    return buildBeefV2([block.bump(1)], entries);
  },
  'many BUMPs': (size) => {
    const parents = Array.from({ length: size }, (_, salt) => buildFunding(coins(1), salt));
    const bumps = parents.map((parent, row) => buildBlock(900_000 + row, [buildCoinbase(row), parent]).bump(1));
    const entries = parents.map(({ raw }, bumpIndex): BeefEntry => ({ raw, bumpIndex }));
    return buildBeefV1(bumps, [...entries, { raw: spend(parents).raw }]);
  },
  'one BUMP of many transactions': (size) => {
    const parents = Array.from({ length: size }, (_, salt) => buildFunding(coins(1), salt));
    const bump = buildBlock(900_000, parents).bump(...parents.keys());
    const entries = parents.map(({ raw }): BeefEntry => ({ raw, bumpIndex: 0 }));
    return buildBeefV2([bump], [...entries, { raw: spend(parents).raw }]);
  },
  'many inputs of one parent': (size) => {
    const source = buildFunding(coins(size));
    const inputs = Array.from({ length: size }, (_, vout) => ({ txid: source.txid, vout }));
    const bump = buildBlock(900_000, [buildCoinbase(1), source]).bump(1);
    const subject = buildTransaction({ inputs, outputs: coins(1) });
    return buildBeefV2([bump], [{ raw: source.raw, bumpIndex: 0 }, { raw: subject.raw }]);
  },
};

/** What is hashed, and how many bytes the rows take: work and memory as numbers that no busy machine changes. */
const measure = (beef: Uint8Array): { calls: number; hashedBytes: number; rowBytes: number } => {
  const counted = { calls: 0, hashedBytes: 0, rowBytes: 0 };
  const scanned = scanOk(beef);
  const read = readBeef(scanned, {
    sha256dSpans: (bytes, spans, count, out) => {
      counted.calls += 1;
      for (let row = 0; row < count; row++) counted.hashedBytes += (spans[2 * row + 1] ?? 0) - (spans[2 * row] ?? 0);
      nodeHashing.sha256dSpans(bytes, spans, count, out);
    },
    hashPairs: (nodes, triples, count) => {
      counted.calls += 1;
      counted.hashedBytes += 64 * count;
      counted.rowBytes += nodes.length;
      nodeHashing.hashPairs(nodes, triples, count);
    },
  });
  if (!read.ok) throw new Error(read.rejection.detail);
  const { tape, txids, parents, roots } = read.value;
  for (const rows of [tape.transactions, tape.inputs, tape.outputs, tape.bumps, txids, parents, roots])
    counted.rowBytes += rows.buffer.byteLength;
  return counted;
};

describe('what a BEEF costs', () => {
  it.each(Object.entries(shapes))(
    '%s: two calls to hash it, and eight times the work for eight times as much',
    (_, build) => {
      const [small, large] = [build(60), build(480)];
      const [one, eight] = [measure(small), measure(large)];
      const growth = large.length / small.length;
      expect([one.calls, eight.calls]).toEqual([2, 2]);
      expect(eight.hashedBytes / one.hashedBytes).toBeLessThan(growth * 1.1);
      expect(eight.rowBytes / one.rowBytes).toBeLessThan(growth * 1.1);
      expect(eight.rowBytes).toBeLessThan(8 * large.length);
    },
  );
});

describe('the rows of a BEEF', () => {
  it.each(Object.entries(shapes))(
    '%s: are the whole of its bytes, with nothing between them but what they say',
    (_, build) => {
      const beef = build(20);
      const { tape } = readOk(beef);
      const rows = [...Array(countTransactions(tape)).keys()].map((row) => row * TRANSACTION_ROW);
      const entries = rows.map((at): BeefEntry => {
        const raw = tape.bytes.subarray(tape.transactions[at + TX_START], tape.transactions[at + TX_END]);
        const bump = tape.transactions[at + TX_BUMP] as number;
        return bump === 0 ? { raw } : { raw, bumpIndex: bump - 1 };
      });
      const bumps = [...Array(tape.bumps.length / BUMP_ROW).keys()].map((bump) =>
        tape.bytes.subarray(tape.bumps[bump * BUMP_ROW], tape.bumps[bump * BUMP_ROW + 1]),
      );
      const rebuild = beef.readUInt32LE(0) === 0xefbe0001 ? buildBeefV1 : buildBeefV2;
      expect(rebuild(bumps, entries).equals(beef)).toBe(true);
    },
  );
});

describe('the widest and the deepest BEEF', () => {
  const shape = (name: string, size: number): Buffer => shapes[name]?.(size) ?? Buffer.alloc(0);

  it('has 1,000 proven parents under its subject, and 1,000 transactions in a line', () => {
    expect(countTransactions(readOk(shape('many BUMPs', 1_000)).tape)).toBe(1_001);
    expect(countTransactions(readOk(shape('a deep chain', 999)).tape)).toBe(1_000);
  });

  it('has no parent more, and no child in the line more', () => {
    expect(scanBeef(shape('a wide fan', 1_000))).toMatchObject({ rejection: { code: 'beef-limit-exceeded' } });
    expect(refusalOf(shape('a deep chain', 1_000))).toMatchObject({
      code: 'beef-limit-exceeded',
      detail: 'more than 1000 transactions in one line of spends',
    });
  });
});

describe('the graph', () => {
  const left = spend([funding], 2);
  const right = buildTransaction({ inputs: [{ txid: funding.txid, vout: 1 }], outputs: coins(1) });
  const subject = buildTransaction({
    inputs: [{ txid: right.txid }, { txid: left.txid, vout: 1 }, { txid: left.txid }],
    outputs: coins(1),
  });
  const stranger = spend([left]);
  const beef = buildBeefV2([block.bump(1)], [proven, ...[left, stranger, right, subject].map(({ raw }) => ({ raw }))]);

  it('names parents by their rows, and what the subject rests on', () => {
    const read = readOk(beef);
    expect([...read.parents]).toEqual([-1, 0, 1, 0, 3, 1, 1]);
    expect([...read.needed]).toEqual([1, 1, 0, 1, 1]);
    expect([...listUnproven(read)]).toEqual([1, 3, 4]);
    expect([read.subject, [...read.leafOffsets].slice(0, 1), [...read.heights]]).toEqual([4, [1], [900_000]]);
    expect([0, 1, 2, 3, 4].map((row) => txidAt(read, row))).toEqual(
      [funding, left, stranger, right, subject].map(({ txid }) => txid),
    );
  });
});

describe('a refusal says where', () => {
  const child = spend([funding]);
  const orphan = buildTransaction({ inputs: [{ txid: funding.txid }, { txid: child.txid }], outputs: coins(1) });
  const { txid } = orphan;
  const bump = block.bump(1);

  it.each<[string, Buffer, Omit<Rejection, 'detail'>]>([
    [
      'a missing parent',
      buildBeefV2([bump], [proven, { raw: orphan.raw }]),
      { code: 'beef-parent-missing', at: { txid, input: 1 } },
    ],
    [
      'a parent that comes later',
      buildBeefV2([bump], [proven, { raw: orphan.raw }, { raw: child.raw }]),
      { code: 'beef-order-invalid', at: { txid, input: 1 } },
    ],
    [
      'a transaction that stands twice',
      buildBeefV2([bump], [proven, { raw: child.raw }, { raw: child.raw }]),
      { code: 'beef-duplicate-transaction', at: { txid: child.txid } },
    ],
    [
      'a BUMP of another transaction',
      buildBeefV2([bump], [proven, { raw: child.raw, bumpIndex: 0 }]),
      { code: 'bump-transaction-missing', at: { txid: child.txid } },
    ],
    [
      'a subject that is not there',
      buildAtomicBeef(txid, buildBeefV2([bump], [proven])),
      { code: 'beef-subject-missing', at: { txid } },
    ],
    [
      'a stranger in an Atomic BEEF',
      buildAtomicBeef(funding.txid, buildBeefV2([bump], [proven, { raw: child.raw }])),
      { code: 'beef-unrelated-transaction', at: { txid: child.txid } },
    ],
  ])('%s', (_what, beef, refusal) => expect(refusalOf(beef)).toMatchObject(refusal));

  it('the earliest fault of several: a duplicate only where it repeats', () => {
    const entries = [proven, { raw: child.raw }, { raw: orphan.raw }, { raw: child.raw }];
    expect(refusalOf(buildBeefV2([bump], entries))).toMatchObject({ code: 'beef-duplicate-transaction' });
    const early = [proven, { raw: orphan.raw }, { raw: child.raw }, { raw: child.raw }];
    expect(refusalOf(buildBeefV2([bump], early))).toMatchObject({ code: 'beef-order-invalid' });
  });
});

it('keeps rows in memory of their own, so that handing one over takes nothing else along', () => {
  const { tape, txids, parents, needed, leafOffsets, heights, roots } = readOk(shapes['many BUMPs']?.(9) ?? varint(0));
  for (const rows of [tape.transactions, tape.inputs, tape.outputs, tape.bumps, txids, parents, needed, leafOffsets])
    expect(rows.buffer.byteLength).toBe(rows.byteLength);
  for (const rows of [heights, roots]) expect(rows.buffer.byteLength).toBe(rows.byteLength);
});

it('is the same graph after others were read in the memory that it was folded in', () => {
  const first = readOk(shapes['many BUMPs']?.(9) ?? varint(0));
  const before = structuredClone(first);
  for (const size of [1, 9, 40]) readOk(shapes['many BUMPs']?.(size) ?? varint(0));
  expect(structuredClone(first)).toEqual(before);
});
