import { MerklePath } from '@bsv/sdk';
import { buildBlock, buildCoinbase, buildFunding } from '#testkit';
import { type Txid } from '../bytes';
import { verifyBump } from './verify-bump';
import { writeBranch, type MerkleBranch } from './write-branch';

const HEIGHT = 948_351;
const blockOf = (size: number) => {
  const transactions = [
    buildCoinbase(50),
    ...Array.from({ length: size - 1 }, (_, salt) => buildFunding([{ satoshis: salt + 1 }], salt)),
  ];
  return { ...buildBlock(HEIGHT, transactions), txids: transactions.map(({ txid }) => txid) };
};

/** The branch that the SDK reads out of the BUMP of the block. */
const branchOf = (bump: Uint8Array, index: number): MerkleBranch => {
  const { path } = MerklePath.fromBinary([...bump]);
  const levels = path.map((level, height) =>
    level.find(({ offset }) => offset === (Math.floor(index / 2 ** height) ^ 1)),
  );
  const siblings = levels.flatMap((leaf) =>
    leaf === undefined ? [] : [leaf.duplicate ? undefined : (leaf.hash as Txid)],
  );
  return { index, siblings };
};

describe('writeBranch', () => {
  // One alone; a pair; five, of which the last is repeated at two levels; enough for three.
  it.each([1, 2, 5, 8])('writes each branch of a block of %i transactions as the BUMP that it is', (size) => {
    const block = blockOf(size);
    const { root } = block;
    for (const [index, txid] of block.txids.entries()) {
      const bump = block.bump(index);
      const written = writeBranch(txid, HEIGHT, branchOf(bump, index));
      if (!written.ok) throw new Error(written.rejection.detail);
      expect(Buffer.from(written.value)).toEqual(Buffer.from(bump));
      expect(verifyBump(written.value, txid)).toMatchObject({ ok: true, value: { height: HEIGHT, root } });
    }
  });

  it('writes none of a place that such a tree does not have, or of what is no hash', () => {
    const [one] = ['ab'.repeat(32) as Txid];
    const codeOf = (branch: MerkleBranch): string => {
      const written = writeBranch(one, HEIGHT, branch);
      return written.ok ? 'written' : written.rejection.code;
    };
    const many = Array.from({ length: 33 }, () => one);
    expect(codeOf({ index: 1, siblings: [one] })).toBe('written');
    for (const branch of [
      ...[
        { index: 2, siblings: [one] },
        { index: 1, siblings: [] },
        { index: -1, siblings: [one] },
      ],
      ...[
        { index: 0.5, siblings: [one] },
        { index: Number.NaN, siblings: [one] },
        { index: 0, siblings: many },
      ],
      { index: 0, siblings: ['ab' as Txid] },
    ])
      expect([branch, codeOf(branch)]).toEqual([branch, 'bump-malformed']);
  });
});
