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

/** One output of a BRC-24 output list. */
export interface FoundOutput {
  /** BEEF of the transaction that holds the output. */
  readonly beef: readonly number[];
  readonly outputIndex: number;
}
