import { type Txid, txidFromWire } from '../bytes';
import type { BeefTape } from './beef-tape';

/**
 * A BEEF as a graph, still without an object for any part of it. A transaction, an input, a BUMP is named by its row in the tape. Plain data: it survives
 * structured clone, and its buffers can be handed over to another thread.
 */
export interface BeefGraph {
  readonly tape: BeefTape;
  /** Row of the subject. */
  readonly subject: number;
  /** By transaction row: 32 bytes each, wire order. */
  readonly txids: Uint8Array;
  /** By input row: the row of the transaction that it spends from, or -1 when the BEEF lacks it. A parent of an unproven transaction has a lower row. */
  readonly parents: Int32Array;
  /** By transaction row: 1 for what the subject rests on (itself and its ancestors back to proven ones), 0 for what else stood in the BEEF. */
  readonly needed: Uint8Array;
  /** By transaction row: the offset of its leaf in its BUMP. Means nothing for one without a BUMP. */
  readonly leafOffsets: Uint32Array;
  /** By BUMP row: the block height that it claims. */
  readonly heights: Uint32Array;
  /** By BUMP row: the Merkle root that it leads to, 32 bytes each, wire order. */
  readonly roots: Uint8Array;
}

export const txidAt = ({ txids }: Pick<BeefGraph, 'txids'>, row: number): Txid =>
  txidFromWire(txids.subarray(row * 32, row * 32 + 32));
