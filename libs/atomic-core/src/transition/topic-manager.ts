import type { Satoshis, Txid } from '../bytes';
import type { VerifiedTransaction } from '../spv/verified-transaction';

/** BRC-87: `tm_` and lower-case words. */
export type TopicName = string;

/** An output admitted to this topic earlier that the subject spends. */
export interface Coin {
  readonly inputIndex: number;
  readonly txid: Txid;
  readonly vout: number;
  readonly satoshis: Satoshis;
  readonly lockingScript: Uint8Array;
}

export interface AdmittedOutput {
  readonly vout: number;
  /** The basket this output goes to unless the submitter names another; without one it goes to none. */
  readonly basket?: string;
  /** What the topic's lookup service finds this output by, e.g. `document:INV-7`. At most LOOKUP_KEY_BYTES_MAX bytes each. */
  readonly lookupKeys: readonly string[];
}

/** STEAK (BRC-22) for one topic, with what the lookup needs. Indexes are vouts and input indexes of the subject. */
export interface Admittance {
  readonly admit: readonly AdmittedOutput[];
  readonly coinsToRetain: readonly number[];
  readonly coinsToRemove: readonly number[];
}

export type TopicVerdict =
  | { readonly admitted: true; readonly admittance: Admittance }
  | {
      readonly admitted: false;
      readonly reason: string;
      /** It judged, and the transaction is none of its business: of several topics on the overlay routes, the others go on (BRC-22: an empty STEAK). */
      readonly isElsewhere?: true;
      /** It did not judge: it threw, hung or spoke nonsense. `topic-failed`, or `topic-unavailable` where asking again may help. */
      readonly fault?: 'topic-failed' | 'topic-unavailable';
    };

/** How a transaction came here (BRC-22 engines). A historical one is verified like any other, and not broadcast. */
export const submissionModes = ['current-tx', 'historical-tx', 'historical-tx-no-spv'] as const;
export type SubmissionMode = (typeof submissionModes)[number];

/** What a topic may know beside the transaction. */
export interface SubmissionContext {
  readonly mode: SubmissionMode;
  /** What the submitter added for the topics and did not put on the chain. */
  readonly offChainValues?: Uint8Array;
}

/**
 * The rules of one topic. `judge` MUST be a pure function of its arguments: no clock, no chance, no I/O, so that every replica and every replay
 * reaches the same verdict. It MUST refuse with a reason rather than admit nothing in silence. A throw refuses the whole submission (`topic-failed`).
 * It may answer later: those of others (`@bsv/overlay`) are asked in a thread of their own.
 */
export interface TopicManager {
  readonly name: TopicName;
  judge(
    transaction: VerifiedTransaction,
    coins: readonly Coin[],
    context: SubmissionContext,
  ): TopicVerdict | Promise<TopicVerdict>;
}

/** Answers questions over one topic's admitted outputs: turns a caller's query into lookup keys (any match). */
export interface LookupService {
  readonly name: string;
  readonly topic: TopicName;
  /** The keys to look for, or undefined when the query is malformed. */
  readQuery(query: unknown): readonly string[] | undefined;
}
