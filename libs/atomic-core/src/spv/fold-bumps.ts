import { BUMP_ROW, type BeefTape } from '../beef/beef-tape';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { type Result, accept, reject } from '../rejection';
import { type BumpForest, DUPLICATE, LEVELS_ROW, TXID } from './bump-forest';
import { BumpLevel } from './bump-level';
import { type Allocate, Slab, allocateAnew } from './slab';

/** offset, flags, hash: less than this takes a node without a hash only */
const HASHED_NODE_BYTES_MIN = 1 + 1 + 32;

const NO_SIBLING = 'a node has no proper sibling';
const DISAGREE = 'two branches disagree';

/**
 * Folds every node into its parent, once each, where the SDK's constructor recomputes the tree for every leaf (F2: 52 s for 73 KB). The nodes of a level
 * stand in order of their offsets, so what is given there and what the level below hashes to are merged and paired in one walk. The walk hashes nothing: it
 * writes down what is to be hashed and what must then be equal or differ, so that one call hashes all BUMPs of a BEEF.
 */
class BumpFolder implements BumpForest {
  readonly heights: Uint32Array;
  readonly treeHeights: Uint8Array;
  readonly rootPlaces: Uint32Array;
  readonly levelStarts: Uint32Array;
  readonly offsets: Uint32Array;
  readonly places: Uint32Array;
  readonly marks: Uint8Array;
  readonly hashes: Uint8Array;
  /** The same memory as `hashes`. Only equality is asked of it, so the byte order of the machine does not matter. */
  private readonly words: Uint32Array;
  private readonly level: BumpLevel;
  private nodeCount = 0;
  private hashCount = 0;
  /** What `hashPairs` takes: left, right, parent. */
  private readonly triples: Uint32Array;
  /** By triple: the node that is its right one, and 1 when that is the last of its level. */
  private readonly rights: Uint32Array;
  private readonly isLast: Uint8Array;
  private tripleCount = 0;
  /** Pairs of places: a hash that was given and the one computed for the same node. */
  private readonly mustEqual: number[] = [];
  /** What the level below hashes to. */
  private readonly computedOffsets: Uint32Array;
  private readonly computedPlaces: Uint32Array;
  private computedCount = 0;

  constructor(bytes: Uint8Array, bumps: Uint32Array, allocate: Allocate) {
    const count = bumps.length / BUMP_ROW;
    this.level = new BumpLevel(bytes);
    let byteCount = 0;
    let levels = 0;
    for (let at = 0; at < bumps.length; at += BUMP_ROW) {
      byteCount += (bumps[at + 1] as number) - (bumps[at] as number);
      levels += this.level.open(bumps[at] as number);
    }
    const given = Math.floor(byteCount / HASHED_NODE_BYTES_MIN);
    // A level has at most half as many pairs as nodes, given and computed. Summed up, no more is computed than hashes are given and levels exist.
    const computed = given + levels;
    // Besides these, each level may have one node that repeats its sibling.
    const nodes = given + computed + levels;
    // Of a level: its hashes, and two that have none before the second of them is refused.
    const levelNodes = given + 2;
    const level = BumpLevel.measure(levelNodes);
    const slab = new Slab(
      level.wide + 8 * (given + computed) + 2 * nodes + 6 * computed + (2 + LEVELS_ROW) * count,
      level.bytes + nodes + computed + count,
      allocate,
    );
    this.level.cutWide(slab, levelNodes);
    this.words = slab.cutUint32(8 * (given + computed));
    this.hashes = new Uint8Array(this.words.buffer, this.words.byteOffset, this.words.byteLength);
    this.offsets = slab.cutUint32(nodes);
    this.places = slab.cutUint32(nodes);
    this.triples = slab.cutUint32(3 * computed);
    this.rights = slab.cutUint32(computed);
    this.computedOffsets = slab.cutUint32(computed);
    this.computedPlaces = slab.cutUint32(computed);
    this.heights = slab.cutUint32(count);
    this.rootPlaces = slab.cutUint32(count);
    this.levelStarts = slab.cutUint32(count * LEVELS_ROW);
    this.level.cutBytes(slab, levelNodes);
    this.marks = slab.cutUint8(nodes);
    this.isLast = slab.cutUint8(computed);
    this.treeHeights = slab.cutUint8(count);
  }

  /** Answers what is wrong with the BUMP at `start`, if anything that shows without hashing is. */
  fold(bump: number, start: number): string | undefined {
    const { level } = this;
    const treeHeight = level.open(start);
    this.heights[bump] = level.blockHeight;
    this.treeHeights[bump] = treeHeight;
    this.computedCount = 0;
    for (let depth = 0; depth < treeHeight; depth++) {
      const wrong = level.read(depth, treeHeight);
      if (wrong !== undefined) return `${wrong} at level ${depth}`;
      const first = this.nodeCount;
      this.levelStarts[bump * LEVELS_ROW + depth] = first;
      if (!this.merge()) return `${DISAGREE} at level ${depth}`;
      // A block of one transaction: its id is the root, and BRC-74 writes that as one level with one leaf.
      if (
        treeHeight === 1 &&
        this.nodeCount === first + 1 &&
        this.offsets[first] === 0 &&
        this.marks[first] !== DUPLICATE
      )
        this.setComputed(0, 0, this.places[first] as number);
      else if (!this.pair(first)) return `${NO_SIBLING} at level ${depth}`;
    }
    this.levelStarts[bump * LEVELS_ROW + treeHeight] = this.nodeCount;
    // Offsets of the highest level are 0 and 1, so what it hashes to is one node.
    if (this.computedCount === 0) return 'no root';
    this.rootPlaces[bump] = this.computedPlaces[0] as number;
    return undefined;
  }

  /** Hashes all that was written down. Answers the node that is wrong, and how, if one is. */
  hash(crypto: Pick<CryptoBackend, 'hashPairs'>): string | undefined {
    const { hashes, words, triples, rights, marks, mustEqual } = this;
    crypto.hashPairs(hashes, triples, this.tripleCount);
    for (let at = 0; at < mustEqual.length; at += 2)
      if (!isSame(words, mustEqual[at] as number, mustEqual[at + 1] as number)) return DISAGREE;
    for (let triple = 0; triple < this.tripleCount; triple++) {
      const left = triples[3 * triple] as number;
      const right = triples[3 * triple + 1] as number;
      if (left === right || !isSame(words, left, right)) continue;
      // One leaf could stand at two places (CVE-2012-2459). At the end of a level some writers give the repeated hash where BRC-74 has the flag.
      const node = rights[triple] as number;
      if (this.isLast[triple] === 0 || marks[node] === TXID) return NO_SIBLING;
      marks[node] = DUPLICATE;
    }
    return undefined;
  }

  /** Puts the nodes that were given at this level and those computed for it into one order. False when a node has two hashes for sure. */
  private merge(): boolean {
    const { level, offsets, places, marks, computedOffsets, computedPlaces, computedCount } = this;
    const { count, givenOffsets, givenMarks } = level;
    let node = this.nodeCount;
    let computed = 0;
    for (let given = 0; given < count; given++, node++) {
      const offset = givenOffsets[given] as number;
      while (computed < computedCount && (computedOffsets[computed] as number) < offset) {
        offsets[node] = computedOffsets[computed] as number;
        places[node] = computedPlaces[computed++] as number;
        node++;
      }
      const mark = givenMarks[given] as number;
      offsets[node] = offset;
      marks[node] = mark;
      if (mark !== DUPLICATE) this.giveHash(node, given);
      if (computed === computedCount || computedOffsets[computed] !== offset) continue;
      if (mark === DUPLICATE) return false;
      this.mustEqual.push(places[node] as number, computedPlaces[computed] as number);
      places[node] = computedPlaces[computed++] as number;
    }
    for (; computed < computedCount; computed++, node++) {
      offsets[node] = computedOffsets[computed] as number;
      places[node] = computedPlaces[computed] as number;
    }
    this.nodeCount = node;
    return true;
  }

  /** Writes down what the pairs of a level are to be hashed to. False when a node has no sibling, or one that cannot be its own. */
  private pair(first: number): boolean {
    const { offsets, places, marks, triples, nodeCount } = this;
    let made = 0;
    let node = first;
    for (; node + 1 < nodeCount; node += 2) {
      const offset = offsets[node] as number;
      const right = node + 1;
      if ((offset & 1) === 1 || offsets[right] !== offset + 1 || marks[node] === DUPLICATE) return false;
      const isLast = right + 1 === nodeCount;
      if (marks[right] === DUPLICATE && !isLast) return false;
      const triple = this.tripleCount++;
      const place = this.hashCount++;
      triples[3 * triple] = places[node] as number;
      triples[3 * triple + 1] = (marks[right] === DUPLICATE ? places[node] : places[right]) as number;
      triples[3 * triple + 2] = place;
      this.rights[triple] = right;
      this.isLast[triple] = isLast ? 1 : 0;
      this.setComputed(made++, offset >>> 1, place);
    }
    this.computedCount = made;
    return node === nodeCount;
  }

  private setComputed(at: number, offset: number, place: number): void {
    this.computedOffsets[at] = offset;
    this.computedPlaces[at] = place;
    this.computedCount = at + 1;
  }

  private giveHash(node: number, given: number): void {
    const place = this.hashCount++;
    this.places[node] = place;
    this.level.copyHash(given, this.hashes, 32 * place);
  }
}

const isSame = (words: Uint32Array, a: number, b: number): boolean => {
  for (let at = 0; at < 8; at++) if (words[8 * a + at] !== words[8 * b + at]) return false;
  return true;
};

/** Folds the BUMPs of a tape. They MUST have been passed by `scanBump`. The forest lies in the memory that `allocate` gives. */
export const foldBumps = (
  { bytes, bumps }: Pick<BeefTape, 'bytes' | 'bumps'>,
  crypto: Pick<CryptoBackend, 'hashPairs'>,
  allocate: Allocate = allocateAnew,
): Result<BumpForest> => {
  const folder = new BumpFolder(bytes, bumps, allocate);
  for (let bump = 0; BUMP_ROW * bump < bumps.length; bump++) {
    const wrong = folder.fold(bump, bumps[BUMP_ROW * bump] as number);
    if (wrong !== undefined) return reject('bump-malformed', `BUMP ${bump}: ${wrong}`);
  }
  const wrong = folder.hash(crypto);
  return wrong === undefined ? accept(folder) : reject('bump-malformed', `a BUMP: ${wrong}`);
};
