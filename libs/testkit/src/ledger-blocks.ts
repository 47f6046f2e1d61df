import { randomBytes } from 'node:crypto';
import { sha256d, txidFromWire, txidToWire } from '#atomic-core';
import type { Bump, Txid } from '#atomic-core';
import type { Database } from '#ledger';

export interface PlainBlock {
  readonly hash: string;
  readonly height: number;
  readonly root: string;
}

/**
 * Puts a header of this Merkle root into the store as the best at its height, without its work: for tests of what the ledger does with a
 * chain, not of how it comes by one. `owner` is the owner's connection, the only one that may.
 */
export const plantBlock = async (owner: Database, height: number, root: string): Promise<PlainBlock> => {
  const header = Buffer.alloc(80);
  randomBytes(32).copy(header, 4);
  txidToWire(root as Txid).copy(header, 36);
  randomBytes(4).copy(header, 76);
  const hash = sha256d(header);
  await owner.query('update portcullis.block_header set is_best = false where height = $1 and is_best', [height]);
  await owner.query(
    `insert into portcullis.block_header (hash, previous_hash, height, header, work, is_best) values ($1, $2, $3, $4, 1, true)`,
    [hash, header.subarray(4, 36), height, header],
  );
  return { hash: txidFromWire(hash), height, root };
};

/** The ledger keeps the bytes of a BUMP and checks its root against the headers; that the bytes lead to the root is the core's to judge. */
export const plainBump = ({ height, root }: PlainBlock): Bump => ({ height, root, bytes: Buffer.from(`bump ${root}`) });
