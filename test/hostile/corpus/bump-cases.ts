import { type Txid, limits } from '#atomic-core';
import { buildBeefV2, buildBlock, buildCoinbase, buildFunding } from '#testkit';
import { HEIGHT, type HostileCase } from './hostile-case';
import { Random } from './random';
import { buildPaths, shuffled, spread } from './wide-bumps';

const funding = buildFunding([{ satoshis: 100_000 }]);
const block = buildBlock(HEIGHT, [buildCoinbase(1), funding]);
const proven = { raw: funding.raw, bumpIndex: 0 };
const wire = (txid: Txid): Buffer => Buffer.from(txid, 'hex').reverse();

/** A whole block of named leaves: what the SDK folds in 52 s. */
const wideBlock = (leaves: number): Buffer => {
  const all = Array.from({ length: leaves }, (_, index) =>
    index === 0 ? funding : buildFunding([{ satoshis: 1 }], index),
  );
  return buildBeefV2([buildBlock(HEIGHT, all).bump(...all.keys())], [proven]);
};

const fullTree = (bumps: number, order?: 'shuffled'): Buffer => {
  const random = new Random(2);
  const treeHeight = 31;
  const one = (index: number): Buffer => {
    const leaves = spread(1_024, treeHeight, (leaf) => (leaf === 0 ? wire(funding.txid) : random.bytes(32)));
    return buildPaths({ height: HEIGHT + index, treeHeight, leaves }, random, order && shuffled(random));
  };
  return buildBeefV2(
    Array.from({ length: bumps }, (_, index) => one(index)),
    [proven],
  );
};

const manyTrees = (): Buffer => {
  const random = new Random(3);
  const bumps = Array.from({ length: limits.BEEF_BUMPS_MAX }, (_, index) => {
    const leaves = [{ offset: 5, txid: wire(funding.txid) }];
    return buildPaths({ height: HEIGHT + index, treeHeight: 31, leaves }, random);
  });
  return buildBeefV2(bumps, [proven]);
};

export const bumpCases: readonly HostileCase[] = [
  { of: 'H2', name: '2,048 leaves of one block, all named', code: 'beef-not-canonical', build: () => wideBlock(2_048) },
  { of: 'H2', name: '2,049 leaves', code: 'beef-limit-exceeded', build: () => wideBlock(2_049) },
  {
    of: 'H2',
    name: '1,001 BUMPs',
    code: 'beef-limit-exceeded',
    build: () =>
      buildBeefV2(
        Array.from({ length: 1_001 }, () => block.bump(1)),
        [proven],
      ),
  },
  { of: 'H2', name: '1,000 BUMPs of 31 levels', code: 'accepted', build: manyTrees },
  { of: 'H2', name: 'every level full: 93,000 hashes', code: 'accepted', build: () => fullTree(3) },
  {
    of: 'H2',
    name: 'every level full, nodes in hostile order',
    code: 'accepted',
    build: () => fullTree(3, 'shuffled'),
  },
];
