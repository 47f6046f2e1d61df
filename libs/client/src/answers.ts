import type { ProblemNext } from './problem';

/** STEAK (BRC-22) of one topic. */
export interface TopicAdmittance {
  readonly outputsToAdmit: readonly number[];
  readonly coinsToRetain: readonly number[];
  readonly coinsRemoved: readonly number[];
}

/** What a submission was answered with. The same request always gets the same receipt. */
export interface Receipt {
  readonly id: string;
  readonly txid: string;
  /** received, applied, broadcast, seen, mined, final or retracted. */
  readonly settlement: string;
  readonly admittance: Readonly<Record<string, TopicAdmittance>>;
  readonly auditLeaf: number;
}

/** What one item of a batch was answered with: its receipt, or the problem that the single submission would have thrown. */
export interface BatchItem {
  /** Its place in the batch. */
  readonly index: number;
  readonly status: number;
  readonly receipt?: Receipt;
  readonly problem?: {
    readonly code: string;
    readonly detail: string;
    readonly next: ProblemNext;
  };
}

export interface BatchAnswer {
  readonly items: readonly BatchItem[];
  readonly applied: number;
  /** Applied before, and answered with the receipt of then. */
  readonly replayed: number;
  readonly refused: number;
}

/** One output of a BRC-24 output list. */
export interface FoundOutput {
  /** BEEF of the transaction that holds the output. */
  readonly beef: readonly number[];
  readonly outputIndex: number;
}
