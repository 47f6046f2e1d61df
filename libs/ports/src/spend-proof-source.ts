import type { MerkleBranch, Txid } from '#atomic-core';

export interface FoundProof {
  readonly blockHash: Txid;
  readonly branch: MerkleBranch;
}

/** A transaction, and where a source says that it was mined. Nothing of it is believed because somebody said it. */
export interface FoundSpend {
  readonly raw: Uint8Array;
  /** Several where blocks of rival branches have it; none where the source knows none. */
  readonly proofs: readonly FoundProof[];
}

/**
 * Brings a transaction and its Merkle proof, for us to verify. An implementation MUST hand on what it was given as it was given, MUST answer undefined where it was
 * given nothing or nothing that can be read, and MUST NOT throw for anything that the network or the peer does.
 */
export interface SpendProofSource {
  readonly name: string;
  findSpend(txid: Txid, signal: AbortSignal): Promise<FoundSpend | undefined>;
}
