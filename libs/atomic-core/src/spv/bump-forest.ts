import { BUMP_HEIGHT_MAX } from '../limits';

/** What a node is besides its hash: nothing, a repetition of its left sibling (it has no hash of its own), a leaf that is named as a transaction. */
export const PLAIN = 0;
export const DUPLICATE = 1;
export const TXID = 2;

/** Numbers of `levelStarts` for one BUMP: where each level begins, and where the last one ends. */
export const LEVELS_ROW = BUMP_HEIGHT_MAX + 1;

/** BUMPs as rows of numbers, every node of them checked to lead to the one root of its BUMP: those of one BEEF, or one alone. */
export interface BumpForest {
  /** By BUMP row: the block height that it claims, its levels, and the place of its root in `hashes`. */
  readonly heights: Uint32Array;
  readonly treeHeights: Uint8Array;
  readonly rootPlaces: Uint32Array;
  /** `LEVELS_ROW` numbers for each BUMP: the first node of each level, and the one behind the last. */
  readonly levelStarts: Uint32Array;
  /** By node, in order of offsets within each level, those that were given and those that were computed: offset, place in `hashes`, and what it is. */
  readonly offsets: Uint32Array;
  readonly places: Uint32Array;
  readonly marks: Uint8Array;
  /** 32 bytes each. Those of the leaves of one BUMP stand one behind the other, in the order of the nodes. */
  readonly hashes: Uint8Array;
}

/** The leaves that have a hash of their own are the nodes from `leavesStart` to before `leavesEnd`. */
export const leavesStart = ({ levelStarts }: BumpForest, bump: number): number =>
  levelStarts[bump * LEVELS_ROW] as number;

export const leavesEnd = (forest: BumpForest, bump: number): number => {
  const end = forest.levelStarts[bump * LEVELS_ROW + 1] as number;
  // Only the last node of a level may repeat its sibling.
  return end > leavesStart(forest, bump) && forest.marks[end - 1] === DUPLICATE ? end - 1 : end;
};

/** Paths of different length in one block: one of them takes an inner node for a leaf, or a leaf for an inner node. Answers the height of such a block. */
export const findUnequalBlock = ({ heights, treeHeights }: BumpForest): number | undefined => {
  // A height and its levels in one number, so that equal heights stand next to each other.
  const both = Float64Array.from(heights, (height, bump) => height * LEVELS_ROW + (treeHeights[bump] as number)).sort();
  for (let at = 1; at < both.length; at++) {
    const height = Math.floor((both[at] as number) / LEVELS_ROW);
    if (both[at] !== both[at - 1] && height === Math.floor((both[at - 1] as number) / LEVELS_ROW)) return height;
  }
  return undefined;
};
