import { type Txid, limits } from '#atomic-core';
import {
  buildAtomicBeef,
  buildBeefV1,
  buildBeefV2,
  buildBlock,
  buildCoinbase,
  buildFunding,
  buildTransaction,
  uint,
} from '#testkit';
import { countBombs } from './count-bombs';
import { HEIGHT, type HostileCase, beefOver, chainOf, spendOf } from './hostile-case';
import { Random } from './random';

const funding = buildFunding([{ satoshis: 100_000 }, { satoshis: 1_000 }]);
const block = buildBlock(HEIGHT, [buildCoinbase(1), funding]);
const proven = { raw: funding.raw, bumpIndex: 0 };
const child = spendOf(funding.txid);
const wire = (txid: Txid): Buffer => Buffer.from(txid, 'hex').reverse();

const missing = spendOf(child.txid);
const self = ((): Buffer => {
  const raw = Buffer.from(missing.raw);
  wire(missing.txid).copy(raw, 5);
  return raw;
})();

const structureCases: readonly HostileCase[] = [
  { of: 'H6', name: 'a parent that is not there', code: 'beef-parent-missing', build: () => buildBeefV2([], [child]) },
  {
    of: 'H6',
    name: 'a transaction that names itself',
    code: 'beef-parent-missing',
    build: () => buildBeefV2([], [{ raw: self }]),
  },
  {
    of: 'H6',
    name: 'a child before its parent',
    code: 'beef-order-invalid',
    build: () => buildBeefV1([block.bump(1)], [proven, missing, child]),
  },
  {
    of: 'H6',
    name: 'a txid in place of a transaction',
    code: 'beef-txid-only',
    build: () =>
      Buffer.concat([Buffer.from('0200beef0002', 'hex'), uint(2, 1), Buffer.alloc(32, 7), uint(0, 1), child.raw]),
  },
  {
    of: 'H6',
    name: 'a transaction twice',
    code: 'beef-duplicate-transaction',
    build: () => buildBeefV2([block.bump(1)], [proven, proven]),
  },
  {
    of: 'H6',
    name: 'a subject that is not there',
    code: 'beef-subject-missing',
    build: () => buildAtomicBeef(child.txid, buildBeefV2([block.bump(1)], [proven])),
  },
  {
    of: 'H6',
    name: 'a stranger in an Atomic BEEF',
    code: 'beef-unrelated-transaction',
    build: () => buildAtomicBeef(funding.txid, buildBeefV2([block.bump(1)], [proven, child])),
  },
  {
    of: 'H5',
    name: '1,001 transactions, one after the other',
    code: 'beef-limit-exceeded',
    build: () => chainOf(1_001),
  },
  { of: 'H5', name: '5,000 transactions', code: 'beef-limit-exceeded', build: () => chainOf(5_000) },
  { of: 'H5', name: '20,000 transactions', code: 'beef-limit-exceeded', build: () => chainOf(20_000) },
  { of: 'H5', name: '1,000 transactions, one after the other', code: 'accepted', build: () => chainOf(1_000) },
  {
    of: 'H3',
    name: 'one byte over 4 MiB',
    code: 'beef-limit-exceeded',
    build: () =>
      Buffer.concat([beefOver(funding, child), Buffer.alloc(limits.BEEF_BYTES_MAX)]).subarray(
        0,
        limits.BEEF_BYTES_MAX + 1,
      ),
  },
  {
    of: 'H3',
    name: '4 MiB of data in one output',
    code: 'accepted',
    build: () =>
      beefOver(funding, spendOf(funding.txid, { outputs: [{ satoshis: 0, script: Buffer.alloc(4_194_000) }] })),
  },
];

/** Proven parents with as many outputs as may be, all spent by one transaction each. */
const wideSpend = (inputs: number): Buffer => {
  const parent = buildFunding(Array.from({ length: Math.min(inputs, 2_000) }, () => ({ satoshis: 10 })));
  const coins = Array.from({ length: inputs }, (_, vout) => ({ txid: parent.txid, vout }));
  return beefOver(parent, buildTransaction({ inputs: coins, outputs: [{ satoshis: 1 }] }));
};

/** 96,000 inputs whose outpoints differ where `outpoint` says: what a hash table or a sort finds hardest is up to the sender. */
const manyInputs = (outpoint: (index: number) => { txid: Txid; vout: number }, repeat = false): Buffer => {
  const parents = Array.from({ length: 48 }, (_, parent) =>
    buildTransaction({
      inputs: Array.from({ length: 2_000 }, (__, index) => outpoint(parent * 2_000 + index)),
      outputs: [{ satoshis: 1_000 }],
    }),
  );
  if (repeat) parents.push(buildTransaction({ inputs: [outpoint(0)], outputs: [{ satoshis: 1_000 }] }));
  const spend = buildTransaction({ inputs: parents.map(({ txid }) => ({ txid })), outputs: [{ satoshis: 1 }] });
  const bump = buildBlock(HEIGHT, [buildCoinbase(1), ...parents]).bump(...parents.map((_, index) => index + 1));
  return buildBeefV2([bump], [...parents.map(({ raw }) => ({ raw, bumpIndex: 0 })), { raw: spend.raw }]);
};

const samePrefix = (index: number) => ({
  txid: `${(index + 1).toString(16).padStart(8, '0')}${'a'.repeat(56)}` as Txid,
  vout: 0,
});
const sameTxid = (index: number) => ({ txid: 'b'.repeat(64) as Txid, vout: (index * 40_503) % 96_001 });
const drawn = new Random(4);
const anyTxid = Array.from({ length: 96_000 }, () => ({ txid: drawn.bytes(32).toString('hex') as Txid, vout: 1 }));

/** milliseconds: 4 MiB of inputs, each held against all others by sorting them: 40 to 56 of processor time, read included. */
const SORTED_MS = 100;

const widthCases: readonly HostileCase[] = [
  { of: 'H7', name: '2,000 inputs', code: 'accepted', build: () => wideSpend(2_000) },
  { of: 'H7', name: '2,001 inputs', code: 'beef-limit-exceeded', build: () => wideSpend(2_001) },
  { of: 'H7', name: '100,000 inputs', code: 'beef-limit-exceeded', build: () => wideSpend(100_000) },
  {
    of: 'H7',
    name: '96,000 inputs in 48 transactions',
    code: 'accepted',
    wallMs: SORTED_MS,
    build: () => manyInputs((index) => anyTxid[index] as { txid: Txid; vout: number }),
  },
  {
    of: 'engine',
    name: '96,000 outpoints alike in their first 28 bytes',
    code: 'accepted',
    wallMs: SORTED_MS,
    build: () => manyInputs(samePrefix),
  },
  {
    of: 'engine',
    name: '96,000 outputs of one transaction',
    code: 'accepted',
    wallMs: SORTED_MS,
    build: () => manyInputs(sameTxid),
  },
  {
    of: 'H8',
    name: 'the last of 96,001 inputs spends what the first did',
    code: 'transaction-double-spend',
    wallMs: SORTED_MS,
    build: () => manyInputs(sameTxid, true),
  },
];

const large = (): Buffer =>
  beefOver(funding, spendOf(funding.txid, { outputs: [{ satoshis: 0, script: Buffer.alloc(1_000_000) }] }));

const damageCases: readonly HostileCase[] = [
  { of: 'H12', name: 'a megabyte less its last byte', code: 'beef-truncated', build: () => large().subarray(0, -1) },
  {
    of: 'H12',
    name: 'a megabyte and a byte',
    code: 'beef-trailing-bytes',
    build: () => Buffer.concat([large(), Buffer.of(0)]),
  },
  {
    of: 'H12',
    name: 'a number in a longer form',
    code: 'beef-not-canonical',
    build: () => Buffer.concat([Buffer.from('0200beeffd0100', 'hex'), beefOver(funding, child).subarray(5)]),
  },
  {
    of: 'H12',
    name: 'another magic',
    code: 'beef-malformed',
    build: () => Buffer.concat([Buffer.from('0300beef', 'hex'), large().subarray(4)]),
  },
];

const bombCases: readonly HostileCase[] = countBombs.map(([name, bytes]) => ({
  of: 'H1',
  name,
  code: 'beef-truncated',
  build: () => bytes,
}));

export const graphCases: readonly HostileCase[] = [...[...bombCases, ...structureCases, ...widthCases, ...damageCases]];
