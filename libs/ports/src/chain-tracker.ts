/** OK: the root is in our best chain at that height. INVALID: our header at that height has another root. UNKNOWN: we have no header there yet. */
export type RootVerdict = 'OK' | 'INVALID' | 'UNKNOWN';

export interface RootQuestion {
  readonly height: number;
  /** Merkle root, display-order hex. */
  readonly root: string;
}

export interface ChainTip {
  readonly height: number;
  /** Block hash, display-order hex. */
  readonly hash: string;
  /** BIP113 median time past of the tip, unix seconds. */
  readonly medianTimePast: number;
}

/** Judges Merkle roots. An implementation MUST answer from headers whose linkage and proof of work it checked itself, and MUST answer UNKNOWN rather than guess. */
export interface ChainTracker {
  /** One verdict per question, in order. */
  judgeRoots(questions: readonly RootQuestion[]): Promise<readonly RootVerdict[]>;
  /** Undefined until a header is known. */
  findTip(): Promise<ChainTip | undefined>;
  /** The tip that `findTip` answered last, perhaps not the tip any more: asks nobody. What follows from it MUST NOT be believed before `judgeRootsUnder` agrees. */
  recallTip(): ChainTip | undefined;
  /** As `judgeRoots`, of the very moment at which `tip` is the tip; undefined when it is not, or not any more. MUST ask, also where there is no question. */
  judgeRootsUnder(tip: ChainTip, questions: readonly RootQuestion[]): Promise<readonly RootVerdict[] | undefined>;
}
