import { ByteCursor } from '../beef/byte-cursor';
import type { Txid } from '../bytes';
import { BEEF_BYTES_MAX } from '../limits';
import { type Result, accept, reject } from '../rejection';
import { readBumpTree } from './bump-tree';
import type { Bump } from './verified-transaction';
import { writeBump } from './write-bump';

/**
 * Reads a lone BUMP (BRC-74), as a broadcaster sends it, strictly: every node leads to one root, no byte is left over, and `txid` is a leaf of it. What
 * comes back is the path of that transaction alone. Whether the root is the block's is the chain's question, asked with `height` and `root`.
 */
export const verifyBump = (bytes: Uint8Array, txid: Txid): Result<Bump> => {
  if (bytes.length > BEEF_BYTES_MAX) return reject('bump-malformed', `more than ${BEEF_BYTES_MAX} bytes`);
  const cursor = new ByteCursor(bytes, {
    truncated: 'bump-malformed',
    notCanonical: 'bump-malformed',
    limit: 'bump-malformed',
  });
  const tree = readBumpTree(cursor);
  if (!tree.ok) return tree;
  if (cursor.bytesLeft > 0) return reject('bump-malformed', `${cursor.bytesLeft} bytes follow the BUMP`);
  const leaf = tree.value.leaves.get(txid);
  if (!leaf) return reject('bump-transaction-missing', `the BUMP does not hold ${txid}`);
  return accept({ height: tree.value.height, root: tree.value.root, bytes: writeBump(tree.value, leaf.offset) });
};
