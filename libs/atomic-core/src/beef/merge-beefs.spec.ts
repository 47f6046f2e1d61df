import { Beef, Transaction } from '@bsv/sdk';
import { type BuiltTransaction, buildBeefV1, buildBeefV2, buildBlock, buildFunding, buildTransaction } from '#testkit';
import { mergeBeefs } from './merge-beefs';

const spend = (satoshis: number, ...parents: BuiltTransaction[]): BuiltTransaction =>
  buildTransaction({ inputs: parents.map(({ txid }) => ({ txid })), outputs: [{ satoshis }] });

const funding = buildFunding([{ satoshis: 600 }], 1);
const child = spend(600, funding);
const grandchild = spend(600, child);
const block = buildBlock(900_000, [funding, child]);
const isRoot = {
  isValidRootForHeight: async (root: string) => root === block.root,
  currentHeight: async () => 900_001,
};

const older = buildBeefV2([block.bump(0)], [{ raw: funding.raw, bumpIndex: 0 }, { raw: child.raw }]);
const newer = buildBeefV1([block.bump(1)], [{ raw: child.raw, bumpIndex: 0 }, { raw: grandchild.raw }]);

describe('mergeBeefs', () => {
  it.each([
    ['older first', [older, newer]],
    ['newer first', [newer, older]],
  ])('holds each transaction once, with the proof that any of them had: %s', async (_order, beefs) => {
    const beef = Beef.fromBinary([...mergeBeefs(beefs)]);
    expect(beef.txs.map(({ txid }) => txid).sort()).toEqual(
      [funding, child, grandchild].map(({ txid }) => txid).sort(),
    );
    expect(beef.findTxid(child.txid)?.bumpIndex).toBeDefined();
    expect(beef.findTxid(grandchild.txid)?.bumpIndex).toBeUndefined();
    expect(await beef.verify(isRoot)).toBe(true);
  });

  it('is what the stock client takes each of its subjects from', () => {
    const merged = [...mergeBeefs([older, newer])];
    for (const { txid } of [child, grandchild]) expect(Transaction.fromBEEF(merged, txid).id('hex')).toBe(txid);
  });

  it('is an empty BEEF of nothing', () => {
    expect(Beef.fromBinary([...mergeBeefs([])]).txs).toEqual([]);
  });

  it('throws for what is no BEEF', () => {
    expect(() => mergeBeefs([older, Uint8Array.of(1, 2, 3)])).toThrow('does not read');
  });
});
