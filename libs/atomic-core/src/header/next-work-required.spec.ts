import { bitsOf, targetOf, workOf } from './compact-bits';
import { networkParams } from './network-params';
import { type ChainedHeader, medianTimePast, nextWorkRequired } from './next-work-required';

const { mainnet, testnet, devnet } = networkParams;

class Chain {
  readonly headers: ChainedHeader[];

  constructor(height: number, time: number, bits: number) {
    this.headers = [{ hash: '', height, time, bits, chainWork: 0n }];
  }
  get tip(): ChainedHeader {
    return this.headers.at(-1) as ChainedHeader;
  }
  add(seconds: number, bits: number): this {
    const { height, time, chainWork } = this.tip;
    const work = chainWork + (workOf(bits) ?? 0n);
    this.headers.push({ hash: '', height: height + 1, time: time + seconds, bits, chainWork: work });
    return this;
  }
  repeat(count: number, seconds: number, bits: number): this {
    for (let index = 0; index < count; index += 1) this.add(seconds, bits);
    return this;
  }
}

describe('the original difficulty rule', () => {
  /** Times and bits of real mainnet blocks; the same cases as the node's `pow_tests.cpp`. */
  it.each([
    ['32255 as computed', 32_255, 1_261_130_161, 1_262_152_739, 0x1d00ffff, 0x1d00d86a],
    ['2015 at the lowest difficulty', 2015, 1_231_006_505, 1_233_061_996, 0x1d00ffff, 0x1d00ffff],
    ['68543 at a quarter', 68_543, 1_279_008_237, 1_279_297_671, 0x1c05a3f4, 0x1c0168fd],
    ['46367 at four times', 46_367, 1_263_163_443, 1_269_211_443, 0x1c387f6f, 0x1d00e1fd],
  ])('adjusts after block %s', (_, height, firstTime, lastTime, bits, expected) => {
    const chain = new Chain(height - 2015, firstTime, bits).repeat(2014, 0, bits);
    chain.add(lastTime - firstTime, bits);
    expect(nextWorkRequired(mainnet, chain.headers, lastTime)).toBe(expected);
    expect(nextWorkRequired(mainnet, chain.headers.slice(1), lastTime)).toBeUndefined();
  });

  it('keeps the bits between two adjustments', () => {
    const chain = new Chain(100_001, 1_293_000_000, 0x1b04864c).repeat(20, 9000, 0x1b04864c);
    expect(nextWorkRequired(mainnet, chain.headers, chain.tip.time + 600)).toBe(0x1b04864c);
  });

  it('eases by a quarter after six blocks in twelve hours, from August 2017 on', () => {
    const bits = 0x18014735;
    const slow = new Chain(478_700, 1_501_600_000, bits).repeat(20, 7200, bits);
    expect(nextWorkRequired(mainnet, slow.headers, slow.tip.time + 600)).toBe(
      bitsOf((targetOf(bits) as bigint) + ((targetOf(bits) as bigint) >> 2n)),
    );
    const fast = new Chain(478_700, 1_501_600_000, bits).repeat(20, 7199, bits);
    expect(nextWorkRequired(mainnet, fast.headers, fast.tip.time + 600)).toBe(bits);
    expect(nextWorkRequired(mainnet, slow.headers.slice(-10), slow.tip.time)).toBeUndefined();
  });
});

describe('the testnet rule', () => {
  it('lets a block after twenty idle minutes be easy, and then returns to the regular bits', () => {
    const chain = new Chain(4032, 1_400_000_000, 0x1c00ffff).repeat(5, 600, 0x1c00ffff);
    expect(nextWorkRequired(testnet, chain.headers, chain.tip.time + 1201)).toBe(0x1d00ffff);
    expect(nextWorkRequired(testnet, chain.headers, chain.tip.time + 1200)).toBe(0x1c00ffff);
    chain.repeat(3, 1300, 0x1d00ffff);
    expect(nextWorkRequired(testnet, chain.headers, chain.tip.time + 1)).toBe(0x1c00ffff);
  });

  it('holds after November 2017 as well', () => {
    const chain = new Chain(1_200_000, 1_540_000_000, 0x1c00ffff).repeat(200, 600, 0x1c00ffff);
    expect(nextWorkRequired(testnet, chain.headers, chain.tip.time + 1201)).toBe(0x1d00ffff);
    expect(nextWorkRequired(testnet, chain.headers, chain.tip.time + 600)).toBe(0x1c00ffff);
  });
});

describe('the rule of November 2017', () => {
  const expectNext = (chain: Chain, bits: number): void => {
    expect(nextWorkRequired(mainnet, chain.headers, chain.tip.time + 600)?.toString(16)).toBe(bits.toString(16));
  };

  /** The course of `cash_difficulty_test` of the node software, with its values. */
  it('follows the course that the node software is tested with', () => {
    const initial = bitsOf(mainnet.powLimit >> 4n);
    const chain = new Chain(600_000, 1_269_211_443, initial).repeat(2049, 600, initial);
    let bits = initial;
    const run = (count: number, seconds: number): void => {
      for (let index = 0; index < count; index += 1) {
        chain.add(seconds, bits);
        bits = nextWorkRequired(mainnet, chain.headers, chain.tip.time + seconds) as number;
      }
    };
    expectNext(chain, initial);
    run(10, 600);
    expectNext(chain, initial);
    run(1, 6000);
    run(1, 1200 - 6000);
    run(20, 600);
    run(1, 550);
    expectNext(chain, initial);
    run(10, 550);
    expectNext(chain, 0x1c0fe7b1);
    run(20, 10);
    expectNext(chain, 0x1c0db19f);
    run(1, 6000);
    expectNext(chain, 0x1c0d9222);
    run(93, 6000);
    expectNext(chain, 0x1c2f13b9);
    run(1, 6000);
    expectNext(chain, 0x1c2ee9bf);
    run(192, 6000);
    expectNext(chain, 0x1d00ffff);
    run(5, 6000);
    expectNext(chain, 0x1d00ffff);
  });

  it('is silent until it has 147 headers', () => {
    const chain = new Chain(948_351, 1_777_000_000, 0x1825b518).repeat(146, 600, 0x1825b518);
    expect(nextWorkRequired(mainnet, chain.headers, chain.tip.time + 600)).toBe(0x1825b518);
    expect(nextWorkRequired(mainnet, chain.headers.slice(1), chain.tip.time + 600)).toBeUndefined();
  });

  it('starts with the block after 504031', () => {
    const bits = 0x18049a16;
    const before = new Chain(504_031 - 200, 1_510_600_000, bits).repeat(199, 300, bits);
    expect(before.tip.height).toBe(504_030);
    expectNext(before, bits);
    before.add(300, bits);
    expect(nextWorkRequired(mainnet, before.headers, before.tip.time + 300)).not.toBe(bits);
  });
});

describe('the development network', () => {
  it('never changes its bits', () => {
    const chain = new Chain(0, 1_296_688_602, 0x207fffff).repeat(2016, 1, 0x207fffff);
    expect(nextWorkRequired(devnet, chain.headers, chain.tip.time)).toBe(0x207fffff);
  });
});

describe('median time past', () => {
  it('is the middle of the last eleven, however they are ordered', () => {
    const chain = new Chain(0, 100, 0x1d00ffff).repeat(10, 10, 0x1d00ffff);
    expect(medianTimePast(chain.headers)).toBe(150);
    expect(medianTimePast(chain.add(-1000, 0x1d00ffff).headers)).toBe(150);
    expect(medianTimePast([])).toBe(0);
  });
});
