import { type Txid, sha256d, txidFromWire } from '../bytes';
import { BLOCK_HEIGHT_MAX, BUMP_HEIGHT_MAX, BUMP_LEVEL_NODES_MAX } from '../limits';
import { type Result, accept, reject } from '../rejection';
import type { ByteCursor } from '../beef/byte-cursor';

/** A node of the tree. Without a hash it repeats its left sibling (the odd last node of a level). */
interface Node {
  readonly hash: Uint8Array | undefined;
  readonly isTxid: boolean;
}

type Level = Map<number, Node>;

/** A Merkle path whose every node was checked to lead to the one root. */
export interface BumpTree {
  readonly height: number;
  readonly root: string;
  readonly levels: readonly ReadonlyMap<number, Node>[];
  /** Level-0 hashes by txid: where it stands, and whether the path names it as a transaction (flag 2). */
  readonly leaves: ReadonlyMap<Txid, { readonly offset: number; readonly isTxid: boolean }>;
}

const readNode = (cursor: ByteCursor, level: number): Node => {
  const flags = cursor.readUint8();
  if (flags > (level === 0 ? 2 : 1)) cursor.fail('bump-malformed', `flags ${flags} at level ${level} of a BUMP`);
  return { hash: flags === 1 ? undefined : cursor.readBytes(32), isTxid: flags === 2 };
};

const readLevel = (cursor: ByteCursor, level: number, treeHeight: number): Level => {
  const nodes: Level = new Map();
  const count = cursor.readCount(2, BUMP_LEVEL_NODES_MAX, 'nodes in one level of a BUMP');
  while (nodes.size < count && !cursor.fault) {
    const offset = cursor.readVarint();
    if (offset >= 2 ** (treeHeight - level))
      cursor.fail('bump-malformed', `an offset outside of level ${level} of a BUMP`);
    if (nodes.has(offset)) cursor.fail('bump-malformed', `one offset twice at level ${level} of a BUMP`);
    nodes.set(offset, readNode(cursor, level));
  }
  return nodes;
};

const hashPair = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  const pair = new Uint8Array(64);
  pair.set(left, 0);
  pair.set(right, 32);
  return sha256d(pair);
};

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/**
 * What the two children at `leftOffset` hash to. Undefined when they are no proper pair: one is missing, or the right one repeats the left one anywhere but
 * at the end of its level, which would let one leaf stand at two places (CVE-2012-2459). Some writers give the repeated hash where BRC-74 has the
 * duplicate flag; that is the same tree, and it is noted as a duplicate.
 */
const foldPair = (nodes: Level, leftOffset: number, lastOffset: number): Uint8Array | undefined => {
  const left = nodes.get(leftOffset);
  const right = nodes.get(leftOffset + 1);
  if (!left?.hash || !right) return undefined;
  if (right.hash && !same(left.hash, right.hash)) return hashPair(left.hash, right.hash);
  if (leftOffset + 1 !== lastOffset || right.isTxid) return undefined;
  nodes.set(leftOffset + 1, { hash: undefined, isTxid: false });
  return hashPair(left.hash, left.hash);
};

/** Adds to `above` what the nodes of one level hash to. Answers what is wrong, if anything. */
const foldLevel = (nodes: Level, above: Level): string | undefined => {
  let lastOffset = 0;
  for (const offset of nodes.keys()) lastOffset = Math.max(lastOffset, offset);
  for (const offset of nodes.keys()) {
    const leftOffset = offset - (offset % 2);
    if (offset !== leftOffset && nodes.has(leftOffset)) continue; // folded with its left sibling
    const hash = foldPair(nodes, leftOffset, lastOffset);
    if (!hash) return 'a node has no proper sibling';
    const given = above.get(leftOffset / 2);
    if (given && (!given.hash || !same(given.hash, hash))) return 'two branches disagree';
    above.set(leftOffset / 2, { hash, isTxid: false });
  }
  return undefined;
};

/** Folds every node into its parent, once each: linear, where the SDK's constructor recomputes the tree for every leaf (F2: 52 s for 73 KB). */
const foldLevels = (levels: readonly Level[]): Result<Uint8Array> => {
  // A block of one transaction: its id is the root, and BRC-74 writes that as one level with one leaf.
  const lone = levels.length === 1 && levels[0]?.size === 1 ? levels[0].get(0)?.hash : undefined;
  if (lone) return accept(lone);
  const top: Level = new Map();
  for (const [level, nodes] of levels.entries()) {
    const wrong = foldLevel(nodes, levels[level + 1] ?? top);
    if (wrong !== undefined) return reject('bump-malformed', `${wrong} at level ${level} of a BUMP`);
  }
  const root = top.get(0)?.hash;
  return root ? accept(root) : reject('bump-malformed', 'a BUMP leads to no root');
};

const listLeaves = (nodes: Level): BumpTree['leaves'] | undefined => {
  const leaves = new Map<Txid, { offset: number; isTxid: boolean }>();
  for (const [offset, leaf] of nodes) {
    if (!leaf.hash) continue;
    const txid = txidFromWire(leaf.hash);
    if (leaves.has(txid)) return undefined;
    leaves.set(txid, { offset, isTxid: leaf.isTxid });
  }
  return leaves;
};

/** Reads one BUMP (BRC-74) where the cursor stands and folds it. */
export const readBumpTree = (cursor: ByteCursor): Result<BumpTree> => {
  const height = cursor.readVarint();
  if (height > BLOCK_HEIGHT_MAX) cursor.fail('bump-malformed', 'a block height is out of range');
  const treeHeight = cursor.readUint8();
  if (treeHeight < 1 || treeHeight > BUMP_HEIGHT_MAX)
    cursor.fail('bump-malformed', `a tree height is not 1 to ${BUMP_HEIGHT_MAX}`);
  const levels: Level[] = [];
  while (levels.length < treeHeight && !cursor.fault) levels.push(readLevel(cursor, levels.length, treeHeight));
  if (cursor.fault) return reject(cursor.fault.code, cursor.fault.detail);
  const root = foldLevels(levels);
  if (!root.ok) return root;
  const leaves = listLeaves(levels[0] ?? new Map<number, Node>());
  if (!leaves) return reject('bump-malformed', 'one transaction stands twice in a BUMP');
  return accept({ height, root: txidFromWire(root.value), levels, leaves });
};
