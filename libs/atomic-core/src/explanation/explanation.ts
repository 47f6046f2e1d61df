import type { Txid } from '../bytes';
import type { NextStep, RejectionCode } from '../rejection';
import type { Steak } from '../transition/plan-transition';
import type { TopicName } from '../transition/topic-manager';

/** How far a verdict came: the bytes, the rules without scripts, the chain, the scripts, the state of this gateway. */
export type VerdictStage = 'read' | 'ancestry' | 'roots' | 'scripts' | 'plan';

/** Why not. Null where there is nothing to say: bytes that are no BEEF have no transaction, and a rule of a whole transaction has no input. */
export interface RefusalExplanation {
  readonly accepted: false;
  readonly stage: VerdictStage;
  readonly code: RejectionCode;
  /** What the code says of every such refusal. */
  readonly sentence: string;
  /** What exactly was refused here. Names places, never echoes input. */
  readonly detail: string;
  /** The rule, as BRCs and the network's own documents name it. */
  readonly rule: string | null;
  /** The transaction that breaks it. */
  readonly txid: Txid | null;
  readonly input: number | null;
  /** Spends between the subject (0) and that transaction, by the shortest way. */
  readonly depth: number | null;
  readonly subject: Txid | null;
  /** Who holds what the transaction spends, where that is why. */
  readonly spentBy: Txid | null;
  readonly next: NextStep;
}

export interface ProofExplanation {
  readonly height: number;
  readonly blockHash: string;
  readonly root: string;
  readonly verdict: 'OK';
  /** The transactions that it proves. */
  readonly txids: readonly Txid[];
}

/** How many inputs of one transaction were judged by what. */
export interface ScriptAccount {
  /** A verdict from before: the same transaction passed here under the same rules. */
  readonly remembered: number;
  readonly fastPath: number;
  readonly interpreter: number;
}

export interface ScriptsExplanation extends ScriptAccount {
  readonly txid: Txid;
  readonly depth: number;
}

export interface BasketMove {
  readonly basket: string;
  readonly outpoint: string;
}

/** What a submission would change. */
export interface PlanExplanation {
  readonly topics: readonly TopicName[];
  /** STEAK (BRC-22) by topic. */
  readonly admittance: Readonly<Record<TopicName, Steak>>;
  readonly baskets: { readonly added: readonly BasketMove[]; readonly removed: readonly BasketMove[] };
  /** Unproven transactions that would be retracted, with all that stands on them, because this proven one spends what they spend. */
  readonly displaces: readonly Txid[];
}

export interface AcceptanceExplanation {
  readonly accepted: true;
  readonly txid: Txid;
  readonly format: BeefFormat;
  readonly bytes: number;
  readonly subject: {
    readonly version: number;
    readonly lockTime: number;
    readonly bytes: number;
    readonly inputs: number;
    readonly outputs: number;
    readonly proven: boolean;
  };
  /** What the subject rests on. `depth`: spends between it and its farthest ancestor, by the shortest way to each. */
  readonly ancestors: { readonly count: number; readonly unproven: number; readonly depth: number };
  readonly proofs: readonly ProofExplanation[];
  /** One row for each unproven transaction; the scripts of proven ones were the miners' to run. */
  readonly scripts: readonly ScriptsExplanation[];
  /** Null where no topic was named. */
  readonly plan: PlanExplanation | null;
}

export type BeefFormat = 'BEEF V1' | 'BEEF V2' | 'Atomic BEEF';

/** A verdict that says why. An advice, not a promise: the chain, the ledger and the topics go on. */
export type Explanation = AcceptanceExplanation | RefusalExplanation;
