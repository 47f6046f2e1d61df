import type { Rejection, RejectionCode, Satoshis, Txid, X402Requirements } from '#atomic-core';
import type { Config } from '../config';

/** After its last second a payment can still be settled for so long: the time that the answer may take. */
export const X402_TIMEOUT_SECONDS = 60;

export interface X402Place {
  /** The key that is paid. */
  readonly payTo: string;
  readonly network: Config['network'];
  /** Of the resource. */
  readonly url: string;
}

/** CAIP-2. BSV shares its first block with others, so nothing that is named after that block is BSV. */
export const networkNameOf = (network: Config['network']): string => `bsv:${network}`;

const encode = (message: object): string => Buffer.from(JSON.stringify(message), 'utf8').toString('base64');

export const requirementsOf = (satoshis: Satoshis, { payTo, network }: Omit<X402Place, 'url'>): X402Requirements => ({
  scheme: 'exact',
  network: networkNameOf(network),
  amount: String(satoshis),
  asset: 'BSV',
  payTo,
  maxTimeoutSeconds: X402_TIMEOUT_SECONDS,
});

/** `PAYMENT-REQUIRED` of x402 v2. */
export const writePaymentRequired = ({ detail }: Rejection, satoshis: Satoshis, place: X402Place): string =>
  encode({
    x402Version: 2,
    error: detail,
    resource: { url: place.url },
    accepts: [{ ...requirementsOf(satoshis, place), extra: {} }],
  });

export interface Settled {
  readonly success: true;
  readonly payer: string;
  readonly transaction: Txid;
  readonly network: string;
}

export interface Unsettled {
  readonly success: false;
  readonly errorReason: string;
  readonly payer?: string;
  /** Empty wherever nothing was settled. */
  readonly transaction: '';
  readonly network: string;
}

export const settledOf = (paid: {
  readonly payer: string;
  readonly txid: Txid;
  readonly network: Config['network'];
}): Settled => ({
  success: true,
  payer: paid.payer,
  transaction: paid.txid,
  network: networkNameOf(paid.network),
});

/** The word of the scheme for a refusal of ours, where it has one. */
const REASONS: Partial<Record<RejectionCode, string>> = {
  'payment-wrong-key': 'invalid_exact_bsv_payload_recipient_mismatch',
  'payment-underpaid': 'invalid_exact_bsv_payload_amount_mismatch',
  'payment-inexact': 'invalid_exact_bsv_payload_amount_mismatch',
  'payment-quote-expired': 'invalid_exact_bsv_payload_timestamp_outside_window',
  'payment-unproven': 'invalid_transaction_state',
  'outpoint-spent': 'invalid_transaction_state',
  'parent-retracted': 'invalid_transaction_state',
  'payment-already-spent': 'duplicate_settlement',
  'payment-unknown': 'unexpected_settle_error',
};

export const reasonOf = (code: RejectionCode): string => REASONS[code] ?? 'invalid_payload';

export const unsettledOf = (code: RejectionCode, network: Config['network'], payer: string | undefined): Unsettled => ({
  success: false,
  errorReason: reasonOf(code),
  ...(payer === undefined ? {} : { payer }),
  transaction: '',
  network: networkNameOf(network),
});

/** `PAYMENT-RESPONSE`. */
export const writeSettled = (paid: Parameters<typeof settledOf>[0]): string => encode(settledOf(paid));
export const writeUnsettled = (...refused: Parameters<typeof unsettledOf>): string => encode(unsettledOf(...refused));
