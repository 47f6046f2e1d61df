import { varintBytes, writeVarintAt } from '../beef/write-numbers';
import { type BumpForest, DUPLICATE, LEVELS_ROW, PLAIN, TXID } from './bump-forest';

const findNode = ({ offsets }: BumpForest, start: number, end: number, offset: number): number => {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] as number) < offset) low = middle + 1;
    else high = middle;
  }
  return low < end && offsets[low] === offset ? low : -1;
};

/** The path of one leaf alone, in the one BRC-74 encoding it has: at level 0 both children in order, above that one sibling a level. */
export const writeBump = (forest: BumpForest, bump: number, leafOffset: number): Uint8Array => {
  const { offsets, places, marks, hashes, levelStarts } = forest;
  const height = forest.heights[bump] as number;
  const treeHeight = forest.treeHeights[bump] as number;
  // height, tree height; each level a count and, with an offset of up to five bytes, its nodes
  const out = new Uint8Array(varintBytes(height) + 1 + treeHeight * (1 + 5 + 1 + 32) + (5 + 1 + 32));
  let at = writeVarintAt(out, 0, height);
  out[at++] = treeHeight;
  const writeNode = (node: number, flags: number): void => {
    at = writeVarintAt(out, at, offsets[node] as number);
    out[at++] = flags;
    if (flags === DUPLICATE) return;
    const place = 32 * (places[node] as number);
    out.set(hashes.subarray(place, place + 32), at);
    at += 32;
  };
  const leaf = findNode(
    forest,
    levelStarts[bump * LEVELS_ROW] as number,
    levelStarts[bump * LEVELS_ROW + 1] as number,
    leafOffset,
  );
  let offset = leafOffset;
  for (let level = 0; level < treeHeight; level++, offset >>>= 1) {
    const start = levelStarts[bump * LEVELS_ROW + level] as number;
    const end = levelStarts[bump * LEVELS_ROW + level + 1] as number;
    // None in a block of one transaction.
    const sibling = findNode(forest, start, end, offset ^ 1);
    const siblingFlags = marks[sibling] === DUPLICATE ? DUPLICATE : PLAIN;
    at = writeVarintAt(out, at, (level === 0 ? 1 : 0) + (sibling < 0 ? 0 : 1));
    if (level === 0 && (offset & 1) === 0) writeNode(leaf, TXID);
    if (sibling >= 0) writeNode(sibling, siblingFlags);
    if (level === 0 && (offset & 1) === 1) writeNode(leaf, TXID);
  }
  return out.slice(0, at);
};
