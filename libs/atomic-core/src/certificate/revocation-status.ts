/** What a certifier says of the revocation outpoint of one of its certificates. Moments are ISO 8601 in UTC with milliseconds. */
export interface RevocationStatus {
  readonly certifier: string;
  /** Display-order `txid.vout`. */
  readonly outpoint: string;
  readonly state: 'good' | 'revoked';
  /** When the certifier last knew it to be so. */
  readonly asOf: string;
  /** Of a revoked one: the transaction that spends the outpoint. */
  readonly spenderTxid: string | undefined;
  readonly issuedAt: string;
  /** It says nothing from then on. */
  readonly validUntil: string;
}

/** `{status, signature}`; the signature is DER in hex. */
export interface SignedRevocationStatus {
  readonly status: RevocationStatus;
  readonly signature: string;
}

/** BRC-43, with counterparty "anyone" and key id 1. */
export const STATUS_PROTOCOL = [2, 'portcullis certificate status'] as const;
export const SUCCESSION_PROTOCOL = [2, 'portcullis key succession'] as const;
export const STATUS_KEY_ID = '1';
