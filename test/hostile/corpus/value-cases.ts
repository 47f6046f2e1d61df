import { NULL_TXID, buildBeefV2, buildBlock, buildCoinbase, buildFunding, buildTransaction } from '#testkit';
import { HEIGHT, type HostileCase, beefOver, spendOf } from './hostile-case';
import { MEDIAN_TIME_PAST, TIP_HEIGHT } from './shapes';

const funding = buildFunding([{ satoshis: 100_000 }, { satoshis: 1_000 }]);
const block = buildBlock(HEIGHT, [buildCoinbase(1), funding]);
const proven = { raw: funding.raw, bumpIndex: 0 };
const child = spendOf(funding.txid);

const twice = { txid: funding.txid };
const rival = spendOf(funding.txid, { outputs: [{ satoshis: 999 }] });
const rich = buildFunding([{ satoshis: 2_100_000_000_000_000 }, { satoshis: 1 }]);

const valueCases: readonly HostileCase[] = [
  {
    of: 'H8',
    name: 'one outpoint twice in a transaction',
    code: 'transaction-double-spend',
    build: () => beefOver(funding, buildTransaction({ inputs: [twice, twice], outputs: [{ satoshis: 1 }] })),
  },
  {
    of: 'H8',
    name: 'two ancestors spend one outpoint',
    code: 'transaction-double-spend',
    build: () =>
      beefOver(
        funding,
        child,
        rival,
        buildTransaction({ inputs: [{ txid: child.txid }, { txid: rival.txid }], outputs: [{ satoshis: 1 }] }),
      ),
  },
  {
    of: 'H8',
    name: 'no inputs',
    code: 'transaction-input-missing',
    build: () => buildBeefV2([], [buildTransaction({ inputs: [], outputs: [{ satoshis: 0 }] })]),
  },
  {
    of: 'H9',
    name: 'more out than in',
    code: 'transaction-inflates',
    build: () => beefOver(funding, spendOf(funding.txid, { outputs: [{ satoshis: 100_001 }] })),
  },
  {
    of: 'H9',
    name: 'a value above the supply',
    code: 'transaction-value-invalid',
    build: () => beefOver(funding, spendOf(funding.txid, { outputs: [{ satoshis: 2_100_000_000_000_001 }] })),
  },
  {
    of: 'H9',
    name: 'a value of 2^64 - 1',
    code: 'transaction-value-invalid',
    build: () => beefOver(funding, spendOf(funding.txid, { outputs: [{ satoshis: 2n ** 64n - 1n }] })),
  },
  {
    of: 'H9',
    name: 'a sum above the supply',
    code: 'transaction-value-invalid',
    build: () =>
      beefOver(
        rich,
        buildTransaction({ inputs: [{ txid: rich.txid }, { txid: rich.txid, vout: 1 }], outputs: [{ satoshis: 1 }] }),
      ),
  },
];

const locked = (lockTime: number, sequence = 0): Buffer =>
  beefOver(funding, buildTransaction({ inputs: [{ ...twice, sequence }], outputs: [{ satoshis: 1 }], lockTime }));

const spendCoinbase = (depth: number): Buffer => {
  const coinbase = buildCoinbase(5_000);
  const bump = buildBlock(TIP_HEIGHT + 1 - depth, [coinbase, funding]).bump(0);
  return buildBeefV2([bump], [{ raw: coinbase.raw, bumpIndex: 0 }, spendOf(coinbase.txid)]);
};

const small = buildTransaction({
  inputs: [{ txid: NULL_TXID }],
  outputs: [{ satoshis: 1, script: Buffer.from('51515151', 'hex') }],
});
const other = buildFunding([{ satoshis: 3 }], 3);
const deeper = buildBlock(HEIGHT, [buildCoinbase(1), funding, other]);
const wrongOffset = ((): Buffer => {
  const bump = Buffer.from(block.bump(1));
  // Height (5 bytes), levels, count, then the offset of the first node: both now stand at one place.
  bump[7] = 1;
  return bump;
})();

const chainCases: readonly HostileCase[] = [
  { of: 'H10', name: 'locked to a far height', code: 'transaction-not-final', build: () => locked(499_999_999) },
  { of: 'H10', name: 'locked to the next block', code: 'transaction-not-final', build: () => locked(TIP_HEIGHT + 1) },
  {
    of: 'H10',
    name: 'locked to the median time',
    code: 'transaction-not-final',
    build: () => locked(MEDIAN_TIME_PAST),
  },
  { of: 'H10', name: 'locked, with final sequences', code: 'accepted', build: () => locked(499_999_999, 0xffffffff) },
  {
    of: 'H11',
    name: 'a proven transaction of 64 bytes',
    code: 'transaction-leaf-ambiguous',
    build: () => buildBeefV2([buildBlock(HEIGHT, [funding, small]).bump(1)], [{ raw: small.raw, bumpIndex: 0 }]),
  },
  {
    of: 'H11',
    name: 'proofs of differing depth in one block',
    code: 'bump-malformed',
    build: () => buildBeefV2([block.bump(1), deeper.bump(2)], [proven, { raw: other.raw, bumpIndex: 1 }]),
  },
  {
    of: 'H11',
    name: 'an offset that is not the leaf’s',
    code: 'bump-malformed',
    build: () => buildBeefV2([wrongOffset], [proven, child]),
  },
  { of: 'H11', name: 'a coinbase 99 blocks deep', code: 'coinbase-immature', build: () => spendCoinbase(99) },
  { of: 'H11', name: 'a coinbase 100 blocks deep', code: 'accepted', build: () => spendCoinbase(100) },
  { of: 'H11', name: 'a coinbase 101 blocks deep', code: 'accepted', build: () => spendCoinbase(101) },
];

export const ruleCases: readonly HostileCase[] = [...valueCases, ...chainCases];
