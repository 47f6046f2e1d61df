/**
 * What a broadcaster said of a transaction. `unknown` covers every timeout, transport fault and answer that is not understood: it MUST NOT be read
 * as a refusal. `ancestors-missing` asks for the parents first.
 */
export type BroadcastOutcome =
  | { readonly kind: 'accepted'; readonly status: string }
  | {
      readonly kind: 'refused';
      readonly status: string;
      readonly detail: string;
      readonly competingTxids: readonly string[];
    }
  | { readonly kind: 'contested'; readonly status: string; readonly competingTxids: readonly string[] }
  | { readonly kind: 'ancestors-missing'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/** What a broadcaster knows of a transaction. A `bump` is a claim to be verified, never a fact. */
export interface BroadcastStatus {
  readonly outcome: BroadcastOutcome;
  /** The broadcaster answered that it does not have this transaction. A failure to answer is not that. */
  readonly absent: boolean;
  readonly blockHash: string | undefined;
  readonly blockHeight: number | undefined;
  /** BRC-74 bytes. */
  readonly bump: Uint8Array | undefined;
}

/** Puts transactions on the network. Implementations MUST be idempotent by txid and MUST NOT throw for anything that the network or the peer does. */
export interface Broadcaster {
  readonly name: string;
  /** `extendedFormat` is the BRC-30 encoding of the transaction `txid`. */
  broadcast(txid: string, extendedFormat: Uint8Array, signal: AbortSignal): Promise<BroadcastOutcome>;
  fetchStatus(txid: string, signal: AbortSignal): Promise<BroadcastStatus>;
}
