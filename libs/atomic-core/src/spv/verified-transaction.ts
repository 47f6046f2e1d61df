import type { Transaction } from '../beef/transaction';
import type { AncestryVerifiedBeef } from './verify-ancestry';

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

declare const scriptsVerified: unique symbol;
declare const verified: unique symbol;

/** A BEEF of which every rule was checked: structure, roots against our headers, value, uniqueness, finality, scripts. Only `verifyScripts` makes one. */
export type VerifiedBeef = AncestryVerifiedBeef & { readonly [scriptsVerified]: true };

/**
 * A verified BEEF as objects: the subject and all its ancestors back to proven ones, parents first, the subject last. Only `openVerified` makes one. Parts of
 * it are read from the bytes of the BEEF when they are asked for, so these must not be handed to another thread before.
 */
export interface VerifiedTransaction {
  readonly [verified]: true;
  readonly subject: GraphTransaction;
  readonly transactions: readonly GraphTransaction[];
}
