import { sha256d } from '#atomic-core';
import { uint, varint } from '#testkit';
import type { Random } from './random';

interface Node {
  readonly offset: number;
  readonly hash: Buffer;
  readonly flags: number;
}

export interface PathLeaf {
  readonly offset: number;
  readonly txid: Buffer;
}

/**
 * H2: one BUMP with a whole path for each leaf, siblings drawn. With leaves far from each other no two paths meet before the top, so that every level is
 * as full as a level may be: the most work that a byte of BUMP can ask for. `order` decides how the nodes of a level stand in it.
 */
export const buildPaths = (
  { height, treeHeight, leaves }: { height: number; treeHeight: number; leaves: readonly PathLeaf[] },
  random: Random,
  order: (nodes: Node[]) => Node[] = (nodes) => nodes.sort((one, other) => one.offset - other.offset),
): Buffer => {
  const parts: Buffer[] = [varint(height), uint(treeHeight, 1)];
  let known = new Map(leaves.map(({ offset, txid }) => [offset, txid]));
  for (let level = 0; level < treeHeight; level++) {
    const flags = level === 0 ? 2 : 0;
    const nodes: Node[] = level === 0 ? [...known].map(([offset, hash]) => ({ offset, hash, flags })) : [];
    const above = new Map<number, Buffer>();
    for (const [offset, hash] of known) {
      const sibling = offset % 2 === 0 ? offset + 1 : offset - 1;
      const other = known.get(sibling) ?? random.bytes(32);
      if (!known.has(sibling)) nodes.push({ offset: sibling, hash: other, flags: 0 });
      above.set(Math.floor(offset / 2), sha256d(Buffer.concat(offset < sibling ? [hash, other] : [other, hash])));
    }
    parts.push(varint(nodes.length));
    for (const node of order(nodes)) parts.push(varint(node.offset), uint(node.flags, 1), node.hash);
    known = above;
  }
  return Buffer.concat(parts);
};

/** Leaves as far from each other as a tree of this height allows. */
export const spread = (count: number, treeHeight: number, txid: (index: number) => Buffer): PathLeaf[] =>
  Array.from({ length: count }, (_, index) => ({
    offset: Math.floor((index * 2 ** treeHeight) / count),
    txid: txid(index),
  }));

export const shuffled =
  (random: Random) =>
  (nodes: Node[]): Node[] => {
    for (let last = nodes.length - 1; last > 0; last--) {
      const other = random.below(last + 1);
      [nodes[last], nodes[other]] = [nodes[other] as Node, nodes[last] as Node];
    }
    return nodes;
  };
