import { randomBytes } from 'node:crypto';
import { type LockingScript, MerklePath, Transaction, UnlockingScript } from '@bsv/sdk';

export interface ProvenOutput {
  readonly lockingScript: LockingScript;
  readonly satoshis: number;
}

export interface ProvenTransaction {
  readonly transaction: Transaction;
  readonly txid: string;
  /** Atomic BEEF, proven by a BUMP of two leaves. */
  readonly beef: Uint8Array;
  readonly height: number;
  /** What the header at `height` must say for the proof to hold, display order. */
  readonly merkleRoot: string;
}

/** A transaction that no chain ever saw, with a Merkle path that is right for a block of two transactions at `height`. */
export const buildProvenTransaction = (outputs: readonly ProvenOutput[], height = 100): ProvenTransaction => {
  const transaction = new Transaction();
  transaction.addInput({
    sourceTXID: randomBytes(32).toString('hex'),
    sourceOutputIndex: 0,
    unlockingScript: UnlockingScript.fromHex('51'),
    sequence: 0xffffffff,
  });
  for (const output of outputs) transaction.addOutput({ ...output });
  const txid = transaction.id('hex');
  const sibling = randomBytes(32).toString('hex');
  const path = [
    [
      { offset: 0, hash: sibling },
      { offset: 1, hash: txid, txid: true },
    ],
  ];
  transaction.merklePath = new MerklePath(height, path);
  const merkleRoot = transaction.merklePath.computeRoot(txid);
  return { transaction, txid, beef: transaction.toAtomicBEEFUint8Array(), height, merkleRoot };
};
