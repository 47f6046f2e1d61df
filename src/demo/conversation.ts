import type { WireExchange } from './wire-tap';

/** What one organisation's process is asked to do. */
export type Ask =
  | { readonly operation: 'join'; readonly gatewayUrl: string; readonly devnetUrl: string; readonly satoshis: number }
  | { readonly operation: 'identify' }
  | { readonly operation: 'issue'; readonly documentId: string; readonly content: string }
  | { readonly operation: 'transfer'; readonly documentId: string; readonly recipient: string }
  | { readonly operation: 'lookup'; readonly documentId: string }
  | { readonly operation: 'settlement'; readonly txid: string }
  | { readonly operation: 'prove'; readonly txid: string }
  | { readonly operation: 'double-spend'; readonly documentId: string }
  | { readonly operation: 'replay-payment' }
  | { readonly operation: 'impersonate'; readonly victim: string };

/** What came of it. `status` and `code` are those of the last HTTP answer. */
export interface Reply {
  readonly status: number;
  readonly code: string | undefined;
  /** What the step checks and prints. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly wire: readonly WireExchange[];
}

export interface AskMessage {
  readonly id: number;
  readonly ask: Ask;
}

export type ReplyMessage =
  { readonly id: number; readonly reply: Reply } | { readonly id: number; readonly fault: string };
