import type { LookupService, Result, TopicManager } from '#atomic-core';
import type { ServiceMetadata } from './service-metadata';
import type { AdmissionMode, LookupNotice, LookupQuestion, SpendNotificationMode } from './thread';

export interface About {
  /** Markdown. Never fails: where an extension says nothing, it says so. */
  documentation(): Promise<string>;
  metadata(): Promise<ServiceMetadata>;
}

export interface NeededInput {
  readonly txid: string;
  readonly outputIndex: number;
}

/** A topic as the gateway knows it, whoever wrote it. `name` is the configured one. */
export interface HostedTopic extends TopicManager, About {
  /** Only where the topic manager has `identifyNeededInputs` (GASP). */
  readonly neededInputs?: (beef: Uint8Array, offChainValues?: Uint8Array) => Promise<Result<readonly NeededInput[]>>;
}

/** A lookup that the ledger answers by the keys that a topic gave its outputs. */
export interface KeysLookup extends LookupService, About {
  readonly kind: 'keys';
}

/** Whether the spend history beyond this output belongs to the answer. */
export type HistorySelector = (beef: Uint8Array, outputIndex: number, depth: number) => Promise<boolean>;

export interface FormulaOutput {
  readonly txid: string;
  readonly outputIndex: number;
  /** A number of generations, or a function of the service that is asked for each; absent: no history. */
  readonly history?: number | HistorySelector;
  readonly context?: Uint8Array;
}

export type HostedFormula =
  | {
      readonly type: 'output-list';
      readonly outputs: readonly FormulaOutput[];
      /** Call it when the selectors are not needed any more; they stay in the memory of the service until then. */
      readonly release: () => void;
    }
  | { readonly type: 'freeform'; readonly result: unknown };

/** A `LookupService` of `@bsv/overlay` with an index of its own, which is told what happens and asked what it found. */
export interface ServiceLookup extends About {
  readonly kind: 'service';
  readonly name: string;
  /** `process`: its index is in the memory of its thread, and empty whenever `life` grows. */
  readonly storage: 'own' | 'process';
  readonly admissionMode: AdmissionMode;
  readonly spendNotificationMode: SpendNotificationMode;
  /** Number of the thread that it runs in, from 1. */
  readonly life: number;
  /**
   * Refused with `lookup-failed`, whether it threw or gave no answer. `isUncertain` says that it may have taken the notice all the same: it had it in hand
   * when its thread ended. Never said twice by itself.
   */
  tell(notice: LookupNotice): Promise<Told>;
  ask(question: LookupQuestion): Promise<Result<HostedFormula>>;
}

export type Told =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; /** It may have taken the notice. */ readonly isUncertain: boolean };

export type HostedLookup = KeysLookup | ServiceLookup;
