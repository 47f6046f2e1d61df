import type { Transaction } from '../beef/transaction';

/** A Merkle path as it stood in the BEEF: its canonical BRC-74 bytes, the height it names and the root it leads to (display order). */
export interface Bump {
  readonly height: number;
  readonly root: string;
  readonly bytes: Uint8Array;
}

/** A transaction of the graph with the BUMP that proves it, if it has one. */
export interface GraphTransaction extends Transaction {
  readonly bump: Bump | undefined;
}

declare const verified: unique symbol;

/**
 * A subject and all its ancestors back to proven ones, every rule checked: structure, roots against our headers, value, uniqueness, finality, scripts.
 * Only `verify-*` can make one. `transactions` is parents first; the subject is last. Plain data: it survives structured clone.
 */
export interface VerifiedTransaction {
  readonly [verified]: true;
  readonly subject: GraphTransaction;
  readonly transactions: readonly GraphTransaction[];
}
