import { ByteWriter } from '../beef/byte-writer';
import type { BumpTree } from './bump-tree';

/** The path of one leaf alone, in the one BRC-74 encoding it has: at level 0 both children in order, above that one sibling a level. */
export const writeBump = (tree: BumpTree, leafOffset: number): Uint8Array => {
  const writer = new ByteWriter().writeVarint(tree.height).writeUint8(tree.levels.length);
  let offset = leafOffset;
  for (const [level, nodes] of tree.levels.entries()) {
    const sibling = offset + (offset % 2 === 0 ? 1 : -1);
    const offsets = (level === 0 ? [Math.min(offset, sibling), Math.max(offset, sibling)] : [sibling]).filter((each) =>
      nodes.has(each),
    );
    writer.writeVarint(offsets.length);
    for (const each of offsets) {
      const hash = nodes.get(each)?.hash;
      writer.writeVarint(each).writeUint8(hash === undefined ? 1 : level === 0 && each === leafOffset ? 2 : 0);
      if (hash) writer.writeBytes(hash);
    }
    offset = Math.floor(offset / 2);
  }
  return writer.toBytes();
};
