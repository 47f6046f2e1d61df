import type { ChainView } from '#ledger';
import type { RootQuestion } from '#ports';

/** One look at the header store, all of it of one moment. */
export type ViewChain = (anchor: string | undefined, heights: readonly number[]) => Promise<ChainView>;

export interface FoundRoots {
  /** Of the same moment. */
  readonly tipHash: string | undefined;
  /** By height: the root of the best chain, for each question whose height it has. */
  readonly roots: ReadonlyMap<number, string>;
}

/** heights: some 3 MB. Proofs that wallets hand over are mostly of the last months, and a month has 4,400 blocks. */
const ROOTS_REMEMBERED_MAX = 20_000;

/**
 * Roots that the header store confirmed, together with the block under which it did: the anchor. What the root at a height is follows from the hash of any
 * block above it, so a remembered root is true exactly as long as the anchor is on the best chain. Each call asks the store for that, in the same
 * statement as for the roots that are not remembered; nothing here is ever believed for having been true a moment ago. A reorg that takes the anchor,
 * made by whatever replica, forgets everything. Only the store's own roots come in, never one that a caller claimed.
 */
export class RootMemory {
  #anchor: string | undefined;
  readonly #roots = new Map<number, string>();

  constructor(
    private readonly view: ViewChain,
    private readonly rootsMax: number = ROOTS_REMEMBERED_MAX,
  ) {}

  get size(): number {
    return this.#roots.size;
  }

  /** As `findView`, without the tip. */
  async findRoots(questions: readonly RootQuestion[]): Promise<ReadonlyMap<number, string>> {
    return (await this.findView(questions)).roots;
  }

  /** All of one moment after the call. */
  async findView(questions: readonly RootQuestion[]): Promise<FoundRoots> {
    const anchor = this.#anchor;
    const found = new Map<number, string>();
    const missing = new Set<number>();
    for (const { height, root } of questions) {
      // One that disagrees is asked again: before anything is refused, the store has spoken.
      if (this.#roots.get(height) === root) found.set(height, root);
      else missing.add(height);
    }
    for (const height of missing) found.delete(height);
    const view = await this.view(anchor, [...missing]);
    if (found.size > 0 && !view.holdsAnchor) return this.#askAnew(anchor, questions);
    this.#remember(anchor, view);
    for (const [height, root] of view.roots) found.set(height, root);
    return { tipHash: view.tipHash, roots: found };
  }

  /** The anchor left the best chain between two calls: what was remembered under it is worth nothing. */
  async #askAnew(anchor: string | undefined, questions: readonly RootQuestion[]): Promise<FoundRoots> {
    if (this.#anchor === anchor) this.#forget();
    const before = this.#anchor;
    const view = await this.view(before, [...new Set(questions.map(({ height }) => height))]);
    this.#remember(before, view);
    return view;
  }

  /** Answers come in any order. One that was asked under another anchor than today's is of another moment, perhaps of another branch: it is not kept. */
  #remember(asked: string | undefined, { tipHash, holdsAnchor, roots }: ChainView): void {
    if (this.#anchor !== asked) return;
    if (!holdsAnchor) this.#forget();
    this.#anchor = tipHash;
    for (const [height, root] of roots) this.#roots.set(height, root);
    for (const height of this.#roots.keys()) {
      if (this.#roots.size <= this.rootsMax) break;
      this.#roots.delete(height);
    }
  }

  #forget(): void {
    this.#anchor = undefined;
    this.#roots.clear();
  }
}
