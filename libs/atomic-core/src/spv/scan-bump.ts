import type { ByteCursor } from '../beef/byte-cursor';
import { BLOCK_HEIGHT_MAX, BUMP_HEIGHT_MAX, BUMP_LEVEL_NODES_MAX } from '../limits';

/** height, tree height, one level with one node */
export const BUMP_BYTES_MIN = 1 + 1 + 1 + 2;
/** offset and flags; the hash is not there when the flag says duplicate */
const NODE_BYTES_MIN = 2;

const scanNode = (cursor: ByteCursor): void => {
  cursor.readVarint();
  if (cursor.readUint8() !== 1) cursor.skip(32);
};

/** Passes over the BUMP (BRC-74) where the cursor stands. What it leaves to the fold: offsets, flags, siblings, hashes. */
export const scanBump = (cursor: ByteCursor): void => {
  if (cursor.readVarint() > BLOCK_HEIGHT_MAX) cursor.fail('bump-malformed', 'a block height is out of range');
  const treeHeight = cursor.readUint8();
  if (treeHeight < 1 || treeHeight > BUMP_HEIGHT_MAX)
    cursor.fail('bump-malformed', `a tree height is not 1 to ${BUMP_HEIGHT_MAX}`);
  for (let level = 0; level < treeHeight && cursor.fault === undefined; level++) {
    const nodeCount = cursor.readCount(NODE_BYTES_MIN, BUMP_LEVEL_NODES_MAX, 'nodes in one level of a BUMP');
    for (let index = 0; index < nodeCount; index++) scanNode(cursor);
  }
};
