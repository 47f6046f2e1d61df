/** Display-order txid and output number of an unspent output: spending it revokes a certificate (BRC-52). */
export interface RevocationQuestion {
  readonly txid: string;
  readonly vout: number;
  /** Identity keys of all certifiers whose certificates are known to name it. */
  readonly certifiers?: readonly string[] | undefined;
}

/**
 * GOOD: the source knows the output, and knew nobody who spends it, at that time. REVOKED: a transaction spends it, mined or not. UNKNOWN: everything else, an
 * output that the source has never seen among it.
 */
export type RevocationAnswer =
  | { readonly state: 'good'; readonly asOfMs: number }
  | { readonly state: 'revoked'; readonly spenderTxid: string }
  | { readonly state: 'unknown'; readonly detail: string };

/**
 * Says whether a certificate is revoked. An implementation MUST answer GOOD only where it knows that the output exists, MUST answer UNKNOWN rather than guess,
 * and MUST NOT throw for anything that the network or the peer does.
 */
export interface RevocationSource {
  readonly name: string;
  findRevocation(question: RevocationQuestion, signal: AbortSignal): Promise<RevocationAnswer>;
}
