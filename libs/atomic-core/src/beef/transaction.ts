import type { Satoshis, Txid } from '../bytes';

export interface TransactionInput {
  readonly parentTxid: Txid;
  readonly parentVout: number;
  readonly unlockingScript: Uint8Array;
  readonly sequence: number;
}

export interface TransactionOutput {
  readonly satoshis: Satoshis;
  readonly lockingScript: Uint8Array;
}

/** One parsed transaction. `raw` is the canonical encoding (the bytes that hash to `txid`). */
export interface Transaction {
  readonly txid: Txid;
  readonly raw: Uint8Array;
  readonly version: number;
  readonly inputs: readonly TransactionInput[];
  readonly outputs: readonly TransactionOutput[];
  readonly lockTime: number;
}
