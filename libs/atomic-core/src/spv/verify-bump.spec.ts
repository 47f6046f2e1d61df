import { MerklePath } from '@bsv/sdk';
import { buildBlock, buildCoinbase, buildFunding, flipBit, uint } from '#testkit';
import type { Txid } from '../bytes';
import { verifyBump } from './verify-bump';

// Five transactions: the last one is repeated at two levels.
const transactions = [buildCoinbase(50), ...[1, 2, 3, 4].map((salt) => buildFunding([{ satoshis: salt }], salt))];
const block = buildBlock(948_351, transactions);
const txids = transactions.map(({ txid }) => txid);
const codeOf = (bump: Uint8Array, txid: Txid) => {
  const verified = verifyBump(bump, txid);
  return verified.ok ? 'accepted' : verified.rejection.code;
};

describe('verifyBump', () => {
  it.each([...txids.entries()])('leads from the transaction at offset %i to the root of its block', (offset, txid) => {
    const verified = verifyBump(block.bump(offset), txid);
    expect(verified).toMatchObject({ ok: true, value: { height: block.height, root: block.root } });
  });

  it('cuts the path of one transaction out of a compound BUMP, in the encoding that the SDK reads', () => {
    const verified = verifyBump(block.bump(1, 4), txids[4] as Txid);
    if (!verified.ok) throw new Error(verified.rejection.detail);
    expect(Buffer.from(verified.value.bytes)).toEqual(block.bump(4));
    expect(MerklePath.fromBinary([...verified.value.bytes]).computeRoot(txids[4])).toBe(block.root);
  });

  it('finds a leaf that no flag names: broadcasters do not all flag it', () => {
    expect(codeOf(block.bump(2), txids[3] as Txid)).toBe('accepted');
  });

  it('refuses a transaction that it does not hold, bytes behind it, and every shorter form', () => {
    const bump = block.bump(1);
    expect(codeOf(bump, txids[4] as Txid)).toBe('bump-transaction-missing');
    expect(codeOf(Buffer.concat([bump, uint(0, 1)]), txids[1] as Txid)).toBe('bump-malformed');
    for (let length = 0; length < bump.length; length++)
      expect(codeOf(bump.subarray(0, length), txids[1] as Txid)).toBe('bump-malformed');
  });

  it('leads elsewhere or nowhere after any flipped bit, but for a flag that changes no hash', () => {
    const bump = block.bump(1);
    const txid = txids[1] as Txid;
    const same: number[] = [];
    for (let bit = 0; bit < bump.length * 8; bit++) {
      const verified = verifyBump(flipBit(bump, bit), txid);
      const holds = verified.ok && verified.value.root === block.root && verified.value.height === block.height;
      if (holds && !Buffer.from(verified.value.bytes).equals(bump)) same.push(bit);
    }
    expect(same).toEqual([]);
  });
});
