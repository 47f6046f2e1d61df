import type { RejectionCode, Txid } from '#atomic-core';
import {
  type BuiltTransaction,
  type TransactionSketch,
  buildBeefV2,
  buildBlock,
  buildCoinbase,
  buildFunding,
  buildTransaction,
} from '#testkit';

/** One input of the hostile corpus. All of them are made by code: what they are and where they come from stands where they are built. */
export interface HostileCase {
  /** The class of RELIABILITY §7, or `engine` for what is aimed at the weak spots of this very implementation. */
  readonly of: string;
  readonly name: string;
  readonly code: RejectionCode | 'accepted';
  /** In place of the 50 ms of RELIABILITY §7: what the budget of this very work promises. Why stands at the case. */
  readonly wallMs?: number;
  readonly build: () => Uint8Array;
}

export const HEIGHT = 900_000;

/** A proven transaction with these outputs, and what follows it. */
export const beefOver = (funding: BuiltTransaction, ...following: readonly BuiltTransaction[]): Buffer =>
  buildBeefV2(
    [buildBlock(HEIGHT, [buildCoinbase(1), funding]).bump(1)],
    [{ raw: funding.raw, bumpIndex: 0 }, ...following.map(({ raw }) => ({ raw }))],
  );

/** A proven output under `lock`, spent by `unlock`. */
export const beefOfScript = (lock: Uint8Array, unlock: Uint8Array = Buffer.alloc(0), satoshis = 1_000): Buffer => {
  const funding = buildFunding([{ satoshis, script: lock }]);
  return beefOver(
    funding,
    buildTransaction({ inputs: [{ txid: funding.txid, script: unlock }], outputs: [{ satoshis: 1 }] }),
  );
};

export const spendOf = (txid: Txid, over: Partial<TransactionSketch> = {}): BuiltTransaction =>
  buildTransaction({ inputs: [{ txid }], outputs: [{ satoshis: 1_000 }], ...over });

/** A proven coin and unproven spends of it, one after the other. */
export const chainOf = (length: number): Buffer => {
  const funding = buildFunding([{ satoshis: 100_000 }]);
  const chain: BuiltTransaction[] = [];
  let parent = funding;
  while (chain.length < length - 1) {
    parent = spendOf(parent.txid, { outputs: [{ satoshis: 100_000 }] });
    chain.push(parent);
  }
  return beefOver(funding, ...chain);
};
