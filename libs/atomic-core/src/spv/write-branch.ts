import { MeasuredWriter, varintBytes } from '../beef/measured-writer';
import { type Txid, isTxid, txidToWire } from '../bytes';
import { type Result, accept, reject } from '../rejection';

/** A Merkle path as TSC writes it: by the place of the transaction in its block, from the leaf up. */
export interface MerkleBranch {
  readonly index: number;
  /** The node beside the path at each level, display order; undefined where the path is paired with itself. */
  readonly siblings: readonly (Txid | undefined)[];
}

/** Blocks have fewer transactions than 2^32: what is higher is no branch, and is refused before it is written. */
const LEVELS_MAX = 32;
const [PLAIN, DUPLICATE, TXID] = [0, 1, 2];
const HASH_BYTES = 32;

interface BranchNode {
  readonly level: number;
  readonly offset: number;
  readonly flags: number;
  readonly hash: Uint8Array | undefined;
}

/** Of each level in the order of offsets. Above the leaves what is on the path follows from what is below it, and is not written. */
const listNodes = (txid: Txid, { index, siblings }: MerkleBranch): BranchNode[] => {
  const own = { level: 0, offset: index, flags: TXID, hash: txidToWire(txid) };
  const beside = siblings.map((sibling, level) => ({
    level,
    offset: (Math.floor(index / 2 ** level) ^ 1) >>> 0,
    flags: sibling === undefined ? DUPLICATE : PLAIN,
    hash: sibling && txidToWire(sibling),
  }));
  const [first, ...above] = beside;
  if (first === undefined) return [own];
  return first.offset < index ? [first, own, ...above] : [own, first, ...above];
};

/**
 * The same path as a BUMP (BRC-74). It is only another way to write what somebody said: whether it leads to the root of a block, `verifyBump` and the chain
 * say.
 */
export const writeBranch = (txid: Txid, height: number, branch: MerkleBranch): Result<Uint8Array> => {
  const { index, siblings } = branch;
  const isPlace = Number.isSafeInteger(index) && index >= 0 && index < 2 ** siblings.length;
  if (siblings.length > LEVELS_MAX || !isPlace || !siblings.every((one) => one === undefined || isTxid(one)))
    return reject('bump-malformed', 'the branch has no such place');
  const nodes = listNodes(txid, branch);
  // Of a block of one transaction there is one level, with nothing beside it.
  const levels = Math.max(1, siblings.length);
  const sizes = nodes.map(({ offset, hash }) => varintBytes(offset) + 1 + (hash === undefined ? 0 : HASH_BYTES));
  const writer = new MeasuredWriter(varintBytes(height) + 1 + levels + sizes.reduce((sum, size) => sum + size, 0));
  writer.writeVarint(height);
  writer.writeUint8(levels);
  for (let level = 0; level < levels; level += 1) {
    const here = nodes.filter((node) => node.level === level);
    writer.writeVarint(here.length);
    for (const { offset, flags, hash } of here) {
      writer.writeVarint(offset);
      writer.writeUint8(flags);
      if (hash !== undefined) writer.writeBytes(hash);
    }
  }
  return accept(writer.finish());
};
