import { type BuiltTransaction, buildBeefV2, buildBlock, buildFunding, buildTransaction, judgeBeef } from '#testkit';
import { type NetworkName, networkParams } from '../header/network-params';
import { readBeef } from '../beef/read-beef';
import { scanBeef } from '../beef/scan-beef';
import { BEFORE_GENESIS, CHRONICLE, type CoinEras, GENESIS, dateCoins } from './date-coins';

const ALL = BEFORE_GENESIS | GENESIS | CHRONICLE;
const TIP = 1_800_000;
const pay = (parent: BuiltTransaction, script: Uint8Array, unlocking = new Uint8Array(0)): BuiltTransaction =>
  buildTransaction({ inputs: [{ txid: parent.txid, script: unlocking }], outputs: [{ satoshis: 1, script }] });
const TRUE = Uint8Array.of(0x51);

/** A coin of each of these heights; one that spends the first of them, one that spends that one and the others, and the subject. */
const lay = (heights: readonly number[]): Buffer => {
  const coins = heights.map((_, salt) => buildFunding([{ satoshis: 1 }], salt));
  const [first = buildFunding([]), ...others] = coins;
  const child = pay(first, TRUE);
  const parents = [child, ...others];
  const join = buildTransaction({ inputs: parents.map(({ txid }) => ({ txid })), outputs: [{ satoshis: 1 }] });
  const entries = coins.map(({ raw }, bumpIndex) => ({ raw, bumpIndex }));
  const bumps = heights.map((height, index) => buildBlock(height, coins.slice(index, index + 1)).bump(0));
  const subject = pay(join, TRUE);
  return buildBeefV2(bumps, [...entries, ...[child, join, subject].map(({ raw }) => ({ raw }))]);
};

const date = (beef: Buffer, network: NetworkName, tipHeight = TIP): CoinEras => {
  const scanned = scanBeef(beef);
  const read = scanned.ok ? readBeef(scanned.value) : scanned;
  if (!read.ok) throw new Error(read.rejection.detail);
  return dateCoins(read.value, { tipHeight, params: networkParams[network] });
};
const erasOf = (network: NetworkName, ...heights: number[]): number[] => [...date(lay(heights), network).coinEras];

describe('the era of a coin', () => {
  it.each<[NetworkName, number, number]>([
    ['mainnet', 620_537, BEFORE_GENESIS],
    ['mainnet', 620_538, GENESIS],
    ['mainnet', 943_815, GENESIS],
    ['mainnet', 943_816, GENESIS | CHRONICLE],
    ['mainnet', 943_834, GENESIS | CHRONICLE],
    ['mainnet', 943_835, CHRONICLE],
    ['testnet', 1_344_301, BEFORE_GENESIS],
    ['testnet', 1_344_302, GENESIS],
    ['testnet', 1_713_021, GENESIS],
    ['testnet', 1_713_022, GENESIS | CHRONICLE],
    ['testnet', 1_713_167, GENESIS | CHRONICLE],
    ['testnet', 1_713_168, CHRONICLE],
    ['devnet', 0, CHRONICLE],
  ])('of %s at height %i is %i by its proof', (network, height, eras) => {
    expect(erasOf(network, height)[0]).toBe(eras);
  });

  it('without a proof is any since its youngest proven ancestor', () => {
    expect(erasOf('mainnet', 500_000, 700_000)).toEqual([BEFORE_GENESIS, GENESIS, ALL, GENESIS | CHRONICLE, 6]);
    expect(erasOf('mainnet', 700_000, 500_000)).toEqual([GENESIS, BEFORE_GENESIS, 6, 6, 6]);
    expect(erasOf('mainnet', 500_000, 950_000).slice(2)).toEqual([ALL, CHRONICLE, CHRONICLE]);
    expect(erasOf('devnet', 1, 2)).toEqual([4, 4, 4, 4, 4]);
  });

  it('does not depend on the tip, but that of the next block does', () => {
    const beef = lay([500_000, 600_000]);
    const [young, old] = [date(beef, 'mainnet', 943_833), date(beef, 'mainnet', 943_834)];
    expect(young.coinEras).toEqual(old.coinEras);
    expect([young.isChronicleNext, old.isChronicleNext]).toEqual([false, true]);
  });
});

/** Locked by the hash of one OP_0, a script that nothing satisfies. */
const HASH_OF_FALSE = Buffer.from('a9149f7fd096d37ed2c0e3f7f0cfc924beef4ffceb6887', 'hex');
const REVEALED = Uint8Array.of(1, 0);

describe('a lock that only looks like a hash', () => {
  const lock = buildFunding([{ satoshis: 1, script: HASH_OF_FALSE }]);
  const spend = pay(lock, TRUE, REVEALED);
  const judge = (height: number, network: NetworkName = 'mainnet') => {
    const beef = buildBeefV2(
      [buildBlock(height, [lock]).bump(0)],
      [{ raw: lock.raw, bumpIndex: 0 }, { raw: spend.raw }],
    );
    return judgeBeef(beef, () => true, { tipHeight: 970_000, network });
  };

  it('is opened by what has the hash since Genesis, and by the script before', () => {
    expect(judge(620_538)).toMatchObject({ ok: true });
    expect(judge(620_537)).toMatchObject({ ok: false, rejection: { code: 'transaction-script-failed' } });
    expect(judge(620_537, 'devnet')).toMatchObject({ ok: true });
  });

  it('is not made younger by keeping its proof back', () => {
    const withheld = (height: number) => {
      const origin = buildFunding([{ satoshis: 1 }]);
      const old = pay(origin, HASH_OF_FALSE);
      const beef = buildBeefV2(
        [buildBlock(height, [origin]).bump(0)],
        [{ raw: origin.raw, bumpIndex: 0 }, { raw: old.raw }, { raw: pay(old, TRUE, REVEALED).raw }],
      );
      return judgeBeef(beef, () => true, { tipHeight: 970_000, network: 'mainnet' });
    };
    expect(withheld(700_000)).toMatchObject({ ok: true });
    const detail: unknown = expect.stringContaining('comes without a proof and may be that old');
    expect(withheld(600_000)).toMatchObject({ ok: false, rejection: { detail } });
  });
});
