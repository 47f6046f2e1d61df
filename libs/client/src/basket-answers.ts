/** A basket and what is in it now. */
export interface BasketCount {
  readonly basket: string;
  readonly outputs: number;
  readonly satoshis: number;
  readonly quantity: number;
  /** Of the quantity, what reservations hold. */
  readonly reserved: number;
}

/** One output of a basket, in the members of BRC-100 and those of the gateway. */
export interface BasketOutput {
  readonly outpoint: string;
  readonly satoshis: number;
  /** False while somebody has it reserved. */
  readonly spendable: boolean;
  /** Units of the product that it stands for. */
  readonly quantity: number;
  readonly lockingScript: string;
  readonly customInstructions?: string;
  readonly tags?: readonly string[];
  readonly labels?: readonly string[];
  readonly reservedUntil?: string;
}

export interface BasketPage {
  readonly basket: string;
  /** Outputs that the question finds in all. */
  readonly total: number;
  readonly outputs: readonly BasketOutput[];
  /** Give it as `after` for the next page; null on the last. */
  readonly next: string | null;
  /** BEEF of all transactions of the page, where it was asked for. */
  readonly beef?: Uint8Array;
}

/** What of a basket is asked for, as `listOutputs` of BRC-100 asks. */
export interface BasketQuestion {
  readonly tags?: readonly string[];
  /** `any` unless told. */
  readonly tagQueryMode?: 'any' | 'all';
  readonly include?: 'locking scripts' | 'entire transactions';
  readonly includeCustomInstructions?: boolean;
  readonly includeTags?: boolean;
  readonly includeLabels?: boolean;
  readonly limit?: number;
  /** Negative: newest first. Not together with `after`. */
  readonly offset?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface Reservation {
  readonly id: string;
  readonly state: 'held' | 'expired' | 'released' | 'consumed';
  readonly basket: string;
  readonly expiresAt: string;
  readonly outputs: readonly BasketOutput[];
  /** For `createAction` of a wallet. Absent once the outputs are no longer held, and where nothing was asked but to renew or release. */
  readonly inputBEEF?: Uint8Array;
}

/** Exactly one of `outputs`, `satoshis` and `quantity` says how much. */
export interface ReservationRequest {
  readonly basket: string;
  readonly tags?: readonly string[];
  readonly tagQueryMode?: 'any' | 'all';
  readonly outputs?: number;
  readonly satoshis?: number;
  readonly quantity?: number;
  readonly ttlSeconds?: number;
  /** The same key again finds the same reservation. */
  readonly idempotencyKey?: string;
}

/** Stock of a product, which is a basket. */
export interface Stock {
  readonly product: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}
