import { HashIndex, isSameHash } from '../beef/sort-keys';
import { type Result, accept, reject } from '../rejection';
import { type BumpForest, leavesEnd, leavesStart } from './bump-forest';

/** Leaves up to which looking at each is the fastest search. */
const FEW_LEAVES = 4;

/** Finds leaves by their hash. */
export class LeafIndexes {
  private readonly forest: BumpForest;
  private readonly indexes: (HashIndex | undefined)[];

  private constructor(forest: BumpForest) {
    this.forest = forest;
    this.indexes = new Array<HashIndex | undefined>(forest.heights.length);
  }

  /** Refuses a BUMP in which one transaction stands twice. */
  static open(forest: BumpForest): Result<LeafIndexes> {
    const leaves = new LeafIndexes(forest);
    for (let bump = 0; bump < forest.heights.length; bump++) {
      const start = leavesStart(forest, bump);
      const count = leavesEnd(forest, bump) - start;
      // Two leaves are siblings, and the fold has seen that those differ.
      if (count <= 2) continue;
      const first = 32 * (forest.places[start] as number);
      const index = new HashIndex(forest.hashes.subarray(first, first + 32 * count), count);
      if (index.findRepeated() >= 0) return reject('bump-malformed', `BUMP ${bump}: one transaction stands twice`);
      if (count > FEW_LEAVES) leaves.indexes[bump] = index;
    }
    return accept(leaves);
  }

  /** The node of the leaf with the hash at `at` of `bytes`; -1 when the BUMP has none. */
  find(bump: number, bytes: Uint8Array, at: number): number {
    const { forest } = this;
    const start = leavesStart(forest, bump);
    const index = this.indexes[bump];
    if (index !== undefined) {
      const row = index.find(bytes, at);
      return row < 0 ? -1 : start + row;
    }
    const end = leavesEnd(forest, bump);
    for (let node = start; node < end; node++)
      if (isSameHash(forest.hashes, 32 * (forest.places[node] as number), bytes, at)) return node;
    return -1;
  }
}
