import type { SubmissionMode } from '#atomic-core';
import type { MessagePort } from 'node:worker_threads';

/** What a lookup service is told, in plain bytes: the thread makes of them what the service's modes ask for. */
export type LookupNotice =
  | {
      readonly kind: 'admitted';
      readonly topic: string;
      readonly txid: string;
      readonly outputIndex: number;
      readonly satoshis: number;
      readonly lockingScript: Uint8Array;
      /** Needed where the admission mode is `whole-tx`. */
      readonly atomicBeef?: Uint8Array;
      readonly offChainValues?: Uint8Array;
    }
  | {
      readonly kind: 'spent';
      readonly topic: string;
      readonly txid: string;
      readonly outputIndex: number;
      readonly spendingTxid: string;
      readonly inputIndex: number;
      readonly unlockingScript: Uint8Array;
      readonly sequenceNumber: number;
      /** Needed where the spend-notification mode is `whole-tx`. */
      readonly spendingAtomicBeef?: Uint8Array;
      readonly offChainValues?: Uint8Array;
    }
  | { readonly kind: 'no-longer-retained'; readonly topic: string; readonly txid: string; readonly outputIndex: number }
  | { readonly kind: 'evicted'; readonly txid: string; readonly outputIndex: number };

export interface LookupQuestion {
  readonly service: string;
  readonly query: unknown;
}

/** What is asked of an extension. Everything is a copy: nothing of the main thread is shared with it. */
export type ThreadCall =
  | {
      readonly op: 'judge' | 'needed';
      readonly beef: Uint8Array;
      readonly coins: readonly number[];
      readonly mode: SubmissionMode;
      readonly offChainValues?: Uint8Array;
    }
  | { readonly op: 'tell'; readonly notice: LookupNotice }
  | { readonly op: 'ask'; readonly question: LookupQuestion }
  | {
      readonly op: 'select';
      readonly selector: number;
      readonly beef: Uint8Array;
      readonly outputIndex: number;
      readonly depth: number;
    }
  | { readonly op: 'documentation' | 'metadata' };

export type ThreadOrder =
  | { readonly is: 'call'; readonly id: number; readonly call: ThreadCall }
  | { readonly is: 'forget'; readonly selectors: readonly number[] }
  | { readonly is: 'ping' };

export const admissionModes = ['locking-script', 'whole-tx'] as const;
export const spendNotificationModes = ['none', 'txid', 'script', 'whole-tx'] as const;
export type AdmissionMode = (typeof admissionModes)[number];
export type SpendNotificationMode = (typeof spendNotificationModes)[number];

/** What an extension says of itself when it is loaded. */
export interface ExtensionTraits {
  readonly admissionMode: AdmissionMode;
  readonly spendNotificationMode: SpendNotificationMode;
  /** It has `identifyNeededInputs`. */
  readonly knowsNeededInputs: boolean;
}

export type ThreadReport =
  | { readonly is: 'ready'; readonly traits: ExtensionTraits }
  | { readonly is: 'unloadable'; readonly reason: string }
  | { readonly is: 'began'; readonly id: number }
  | { readonly is: 'answered'; readonly id: number; readonly value: unknown }
  | { readonly is: 'failed'; readonly id: number; readonly reason: string }
  | { readonly is: 'outgrown' }
  | { readonly is: 'pong' };

export type ExtensionKind = 'topic' | 'lookup';

export interface LoadOrder {
  readonly kind: ExtensionKind;
  /** A package name, or a path that starts with `.` or `/`. */
  readonly module: string;
  readonly export?: string | undefined;
  readonly options?: unknown;
  /** Folders from which the module is looked for, in order. */
  readonly folders: readonly string[];
  /** Bytes of buffers that it may hold; V8 limits its heap alone. */
  readonly bufferBytesMax: number;
}

/** The first and only message over the port that extensions can reach. */
export interface ThreadOpening {
  readonly port: MessagePort;
  readonly load: LoadOrder;
}

/** One item of a `LookupFormula` as it leaves the thread: a function stays there, under a number. */
export interface FormulaRow {
  readonly txid: string;
  readonly outputIndex: number;
  readonly history?: number;
  readonly selector?: number;
  readonly context?: Uint8Array;
}

export type LookupOutcome =
  | { readonly kind: 'formula'; readonly rows: readonly FormulaRow[] }
  | { readonly kind: 'freeform'; readonly result: unknown };
