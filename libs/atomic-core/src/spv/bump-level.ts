import { readUint32At, readUint64At } from '../beef/beef-tape';
import { BUMP_LEVEL_NODES_MAX } from '../limits';
import { DUPLICATE, TXID } from './bump-forest';
import type { Slab } from './slab';

/** Offsets are below 2^31 and a level has at most `BUMP_LEVEL_NODES_MAX` nodes: both fit one double, to be sorted at once. */
const SORT_FACTOR = BUMP_LEVEL_NODES_MAX;

const NONE = new Uint32Array(0);
const NO_MARKS = new Uint8Array(0);

/** One level of a BUMP at a time, read from bytes that `scanBump` passed: its nodes in order of their offsets. */
export class BumpLevel {
  blockHeight = 0;
  /** By node: its offset and what it is. */
  givenOffsets: Uint32Array = NONE;
  givenMarks: Uint8Array = NO_MARKS;
  count = 0;
  /** By node: where its hash stands in `bytes`. */
  private positions: Uint32Array = NONE;
  /** What the sort packs, and the positions and marks as they stood before it. */
  private packed: Float64Array = new Float64Array(0);
  private unsortedPositions: Uint32Array = NONE;
  private unsortedMarks: Uint8Array = NO_MARKS;
  private readonly bytes: Uint8Array;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Four-byte numbers and bytes of a slab that levels of up to so many nodes take. */
  static measure(nodesMax: number): { readonly wide: number; readonly bytes: number } {
    return { wide: 5 * nodesMax, bytes: 2 * nodesMax };
  }

  /** Takes its place in a slab: `packed` first, which MUST stand where eight bytes may. */
  cutWide(slab: Slab, nodesMax: number): void {
    this.packed = slab.cutFloat64(nodesMax);
    this.givenOffsets = slab.cutUint32(nodesMax);
    this.positions = slab.cutUint32(nodesMax);
    this.unsortedPositions = slab.cutUint32(nodesMax);
  }

  cutBytes(slab: Slab, nodesMax: number): void {
    this.givenMarks = slab.cutUint8(nodesMax);
    this.unsortedMarks = slab.cutUint8(nodesMax);
  }

  /** Goes to the BUMP at `start`. Answers its tree height. */
  open(start: number): number {
    this.position = start;
    this.blockHeight = this.readVarint();
    return this.bytes[this.position++] as number;
  }

  /** Answers what is wrong with the next level, if anything. */
  read(level: number, treeHeight: number): string | undefined {
    this.count = this.readVarint();
    const { bytes, givenOffsets, givenMarks, positions, count } = this;
    const offsetEnd = 2 ** (treeHeight - level);
    const markMax = level === 0 ? TXID : DUPLICATE;
    let before = -1;
    let isSorted = true;
    let duplicates = 0;
    for (let node = 0; node < count; node++) {
      const offset = this.readVarint();
      const mark = bytes[this.position++] as number;
      if (offset >= offsetEnd) return 'an offset outside of its level';
      if (mark > markMax) return `flags ${mark}`;
      givenOffsets[node] = offset;
      givenMarks[node] = mark;
      positions[node] = this.position;
      if (mark !== DUPLICATE) this.position += 32;
      // Only the last node of a level can repeat its sibling. Two such nodes are two bytes each: what holds nodes is not made for as many as those.
      else if (++duplicates > 1) return 'a second duplicate';
      if (offset <= before) isSorted = false;
      before = offset;
    }
    return isSorted || this.sort() ? undefined : 'one offset twice';
  }

  copyHash(node: number, hashes: Uint8Array, at: number): void {
    const { bytes } = this;
    const from = this.positions[node] as number;
    for (let index = 0; index < 32; index++) hashes[at + index] = bytes[from + index] as number;
  }

  /** False when an offset stands twice. */
  private sort(): boolean {
    const { givenOffsets, givenMarks, positions, unsortedMarks, unsortedPositions, count } = this;
    const packed = this.packed.subarray(0, count);
    for (let node = 0; node < count; node++) packed[node] = (givenOffsets[node] as number) * SORT_FACTOR + node;
    packed.sort();
    unsortedMarks.set(givenMarks.subarray(0, count));
    unsortedPositions.set(positions.subarray(0, count));
    for (let node = 0; node < count; node++) {
      const offset = Math.floor((packed[node] as number) / SORT_FACTOR);
      const unsorted = (packed[node] as number) - offset * SORT_FACTOR;
      if (node > 0 && givenOffsets[node - 1] === offset) return false;
      givenOffsets[node] = offset;
      givenMarks[node] = unsortedMarks[unsorted] as number;
      positions[node] = unsortedPositions[unsorted] as number;
    }
    return true;
  }

  private readVarint(): number {
    const { bytes } = this;
    const at = this.position;
    const first = bytes[at] as number;
    if (first < 0xfd) {
      this.position = at + 1;
      return first;
    }
    if (first === 0xfd) {
      this.position = at + 3;
      return (bytes[at + 1] as number) | ((bytes[at + 2] as number) << 8);
    }
    this.position = at + (first === 0xfe ? 5 : 9);
    return first === 0xfe ? readUint32At(bytes, at + 1) : readUint64At(bytes, at + 1);
  }
}
