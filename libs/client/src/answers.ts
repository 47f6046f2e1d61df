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
  /** What entered and left the baskets of the caller's organisation. */
  readonly baskets: { readonly added: readonly BasketMove[]; readonly removed: readonly BasketMove[] };
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

/** Why a transaction would be refused. `code` is of the gateway's closed table; null where there is nothing to name. */
export interface RefusedVerdict {
  readonly accepted: false;
  readonly stage: 'read' | 'ancestry' | 'roots' | 'scripts' | 'plan';
  readonly code: string;
  readonly sentence: string;
  readonly detail: string;
  readonly rule: string | null;
  /** The transaction that breaks the rule, which of its inputs, and the spends between the subject (0) and it. */
  readonly txid: string | null;
  readonly input: number | null;
  readonly depth: number | null;
  readonly subject: string | null;
  readonly spentBy: string | null;
  readonly next: string;
}

export interface BasketMove {
  readonly basket: string;
  readonly outpoint: string;
}

/** What would be accepted, and what a submission to the named topics would change now. */
export interface AcceptedVerdict {
  readonly accepted: true;
  readonly txid: string;
  readonly format: string;
  readonly bytes: number;
  readonly subject: {
    readonly version: number;
    readonly lockTime: number;
    readonly bytes: number;
    readonly inputs: number;
    readonly outputs: number;
    readonly proven: boolean;
  };
  readonly ancestors: { readonly count: number; readonly unproven: number; readonly depth: number };
  readonly proofs: readonly {
    readonly height: number;
    readonly blockHash: string;
    readonly root: string;
    readonly verdict: 'OK';
    readonly txids: readonly string[];
  }[];
  /** Inputs of each unproven transaction, by what judged their scripts. */
  readonly scripts: readonly {
    readonly txid: string;
    readonly depth: number;
    readonly remembered: number;
    readonly fastPath: number;
    readonly interpreter: number;
  }[];
  readonly plan: {
    readonly topics: readonly string[];
    readonly admittance: Readonly<Record<string, TopicAdmittance>>;
    readonly baskets: { readonly added: readonly BasketMove[]; readonly removed: readonly BasketMove[] };
    readonly displaces: readonly string[];
  } | null;
}

/** An advice, not a promise: only a submission decides. */
export type Verdict = AcceptedVerdict | RefusedVerdict;

/** What happened to the state of a topic by one transition, one retraction or one eviction. */
export interface TopicEvent {
  readonly topic: string;
  /** Index of its leaf in the gateway's audit log. Of one topic each is greater than the one before. */
  readonly position: number;
  readonly kind: 'applied' | 'retracted' | 'evicted';
  readonly txid: string;
  /** Outputs of the transaction, as `<txid>.<vout>`: admitted; taken back by a retraction; evicted. */
  readonly admitted: readonly string[];
  /** Coins of the topic that it spent, or that its retraction gave back. `spender` where that is another transaction. */
  readonly spent: readonly { readonly outpoint: string; readonly retained: boolean; readonly spender?: string }[];
  readonly at: string;
}

/** The state of a topic. Two gateways with the same digest hold the same outputs. */
export interface TopicState {
  readonly topic: string;
  readonly metadata: { readonly name: string; readonly shortDescription: string };
  readonly admitted: number;
  readonly unspent: number;
  readonly retained: number;
  readonly satoshis: number;
  readonly transitions: number;
  readonly tip: { readonly position: number; readonly txid: string; readonly at: string } | null;
  readonly digest: string;
}
