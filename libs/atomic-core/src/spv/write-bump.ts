import { MeasuredWriter, varintBytes } from '../beef/measured-writer';
import { type BumpForest, DUPLICATE, LEVELS_ROW, PLAIN, TXID } from './bump-forest';

/** -1 when there is none with this offset. */
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

const writeNode = (
  writer: MeasuredWriter,
  { offsets, places, hashes }: BumpForest,
  node: number,
  flags: number,
): void => {
  writer.writeVarint(offsets[node] as number);
  writer.writeUint8(flags);
  if (flags === DUPLICATE) return;
  const place = 32 * (places[node] as number);
  writer.writeSlice(hashes, place, place + 32);
};

const measureNode = ({ offsets, marks }: BumpForest, node: number): number =>
  varintBytes(offsets[node] as number) + 1 + (marks[node] === DUPLICATE ? 0 : 32);

/** The node beside the path of a leaf at each level. At the only level of a block of one transaction there is none: -1. */
const listSiblings = (forest: BumpForest, bump: number, leafOffset: number): number[] => {
  const { levelStarts } = forest;
  const siblings: number[] = [];
  let offset = leafOffset;
  for (let level = bump * LEVELS_ROW; siblings.length < (forest.treeHeights[bump] as number); level++, offset >>>= 1)
    siblings.push(findNode(forest, levelStarts[level] as number, levelStarts[level + 1] as number, offset ^ 1));
  return siblings;
};

/** The path of one leaf alone, in the one BRC-74 encoding it has: at level 0 both children in order, above that one sibling a level. */
export const writeBump = (forest: BumpForest, bump: number, leaf: number): Uint8Array => {
  const height = forest.heights[bump] as number;
  const leafOffset = forest.offsets[leaf] as number;
  const siblings = listSiblings(forest, bump, leafOffset);
  let length = varintBytes(height) + 1 + siblings.length + measureNode(forest, leaf);
  for (const sibling of siblings) if (sibling >= 0) length += measureNode(forest, sibling);
  const writer = new MeasuredWriter(length);
  writer.writeVarint(height);
  writer.writeUint8(siblings.length);
  for (const [level, sibling] of siblings.entries()) {
    writer.writeVarint((level === 0 ? 1 : 0) + (sibling < 0 ? 0 : 1));
    if (level === 0 && (leafOffset & 1) === 0) writeNode(writer, forest, leaf, TXID);
    if (sibling >= 0) writeNode(writer, forest, sibling, forest.marks[sibling] === DUPLICATE ? DUPLICATE : PLAIN);
    if (level === 0 && (leafOffset & 1) === 1) writeNode(writer, forest, leaf, TXID);
  }
  return writer.finish();
};

/** The leaf at an offset of which it is known that it is there. */
export const findLeafAt = (forest: BumpForest, bump: number, offset: number): number => {
  const level = bump * LEVELS_ROW;
  return findNode(forest, forest.levelStarts[level] as number, forest.levelStarts[level + 1] as number, offset);
};
