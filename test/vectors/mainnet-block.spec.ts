import {
  type Transaction,
  type TransactionOutput,
  readTransaction,
  sha256d,
  txidFromWire,
  verifyBump,
  writeAtomicBeef,
  writeExtendedFormat,
} from '#atomic-core';
import { Transaction as SdkTransaction } from '@bsv/sdk';
import { findAcceptedDamage, flipBit, judgeBeef, verdictOf } from '#testkit';
import { describeVectors } from './shared-vectors';

interface BlockVectors {
  readonly height: number;
  readonly blockHash: string;
  readonly header: string;
  readonly merkleRoot: string;
  readonly transactions: readonly {
    readonly txid: string;
    readonly rawTx: string;
    readonly extendedFormat: string;
    readonly bump: string;
    readonly beef: string;
  }[];
}

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** What an EF says that its inputs spend, read by the SDK: the recorded EF is the only witness of these parents. */
const readParentOutputs = (extendedFormat: string): TransactionOutput[] =>
  SdkTransaction.fromHexEF(extendedFormat).inputs.map(({ sourceTransaction, sourceOutputIndex }) => {
    const output = sourceTransaction?.outputs[sourceOutputIndex];
    return { satoshis: output?.satoshis ?? 0, lockingScript: output?.lockingScript.toUint8Array() ?? new Uint8Array() };
  });

const readOk = (raw: string): Transaction => {
  const transaction = readTransaction(bytesOf(raw));
  if (!transaction.ok) throw new Error(transaction.rejection.detail);
  return transaction.value;
};

jest.setTimeout(60_000);

describeVectors<BlockVectors>('mainnet block 948351', 'block/mainnet-948351.json', (block) => {
  const header = bytesOf(block.header);
  const headerRoot = txidFromWire(header.subarray(36, 68));
  const isRoot = (height: number, root: string): boolean => height === block.height && root === headerRoot;

  it('has the recorded header', () => {
    expect(txidFromWire(sha256d(header))).toBe(block.blockHash);
    expect(headerRoot).toBe(block.merkleRoot);
  });

  describe.each(block.transactions)('transaction $txid', ({ txid, rawTx, extendedFormat, bump, beef }) => {
    const transaction = readOk(rawTx);

    it('is read with its txid', () => expect(transaction.txid).toBe(txid));

    it('has a BUMP that leads to the root of the header, in its one encoding', () => {
      const proof = verifyBump(bytesOf(bump), transaction.txid);
      expect(proof).toEqual({
        ok: true,
        value: { height: block.height, root: headerRoot, bytes: new Uint8Array(bytesOf(bump)) },
      });
    });

    it('is accepted as proven', () => {
      const verified = judgeBeef(bytesOf(beef), isRoot);
      expect(verdictOf(verified)).toBe('accepted');
      expect(verified.ok && verified.value.subject.txid).toBe(txid);
      if (!verified.ok) return;
      expect(verdictOf(judgeBeef(writeAtomicBeef(transaction.txid, verified.value.transactions), isRoot))).toBe(
        'accepted',
      );
    });

    it('is written in the recorded Extended Format, byte for byte', () => {
      const written = writeExtendedFormat(transaction, readParentOutputs(extendedFormat));
      expect(Buffer.from(written).toString('hex')).toBe(extendedFormat);
    });

    it('is refused with any one bit flipped and with any end cut off', () => {
      expect(findAcceptedDamage(bytesOf(beef), isRoot)).toEqual([]);
    });

    it('has no BUMP with one bit flipped that still proves it', () => {
      const proof = bytesOf(bump);
      const proving: number[] = [];
      for (let bit = 0; bit < proof.length * 8; bit++) {
        const flipped = verifyBump(flipBit(proof, bit), transaction.txid);
        // What the flip leaves of the annotation (flag 2 of a leaf) is not part of the proof: the bytes that are kept are the same.
        if (
          flipped.ok &&
          isRoot(flipped.value.height, flipped.value.root) &&
          !Buffer.from(flipped.value.bytes).equals(proof)
        )
          proving.push(bit);
      }
      expect(proving).toEqual([]);
    });
  });
});
