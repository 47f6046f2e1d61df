import type { Txid } from '#atomic-core';
import type { Broadcaster, BroadcastOutcome } from '#ports';
import { RelayBench } from './relay-bench';

jest.setTimeout(120_000);

const refusal: BroadcastOutcome = { kind: 'refused', status: '461', detail: 'unlocking script', competingTxids: [] };

describe('an unproven ancestor that the network refuses', () => {
  let bench: RelayBench;
  beforeAll(async () => (bench = await RelayBench.open()));
  afterEach(async () => {
    await bench.mine();
    await bench.waitForQuiet();
    await bench.stopRelays();
    expect(await bench.violations()).toEqual([]);
  });
  afterAll(() => bench.close());

  /** The development network, but for what is said of this transaction: it is missed, refused, and yet heard of where `hears` says so. */
  const refuse = (txid: string, hears: boolean, times: number): Broadcaster => {
    const real = bench.broadcaster();
    let left = times;
    return {
      name: real.name,
      fetchStatus: (asked, signal) => real.fetchStatus(asked, signal),
      async broadcast(sent, extendedFormat, signal) {
        if (left === 0) return real.broadcast(sent, extendedFormat, signal);
        if (sent !== txid) return { kind: 'ancestors-missing', detail: txid };
        left -= 1;
        if (hears) await real.broadcast(sent, extendedFormat, signal);
        return refusal;
      },
    };
  };

  it('is retracted itself, with everything that stands on it', async () => {
    const wallet = await bench.fundedWallet();
    const ancestor = await bench.build(wallet);
    const [child, grandchild] = [await bench.build(wallet), await bench.build(wallet)];
    const txids = [await bench.commit(child), await bench.commit(grandchild)];
    await bench.relay(refuse(ancestor.id('hex'), false, Infinity)).start();
    for (const txid of txids) {
      await bench.waitFor(txid, 'retracted');
      expect(await bench.rowsOf(txid)).toEqual([]);
    }
    // Nobody may build on it again: were only the child undone, its next child would be applied and refused in turn.
    await expect(bench.commit(ancestor)).rejects.toThrow(`parent-retracted: ${ancestor.id('hex')}`);
    await expect(bench.commit(await bench.build(wallet))).rejects.toThrow('parent-retracted');
  });

  it('takes nothing down while the status of that ancestor contradicts the refusal', async () => {
    const wallet = await bench.fundedWallet();
    const ancestor = await bench.build(wallet);
    const txid: Txid = await bench.commit(await bench.build(wallet));
    await bench.relay(refuse(ancestor.id('hex'), true, 1)).start();
    await bench.waitFor(txid, 'seen');
    expect(await bench.historyOf(txid)).toEqual(['applied', 'seen']);
  });
});
