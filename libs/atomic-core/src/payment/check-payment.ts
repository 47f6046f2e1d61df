import type { Transaction } from '../beef/transaction';
import { makeOutpoint } from '../bytes';
import type { Outpoint, Satoshis } from '../bytes';
import type { GatewayKeys } from '../identity/gateway-keys';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import type { PaymentDerivation } from './payment-derivation';
import { writePublicKeyHashScript } from './public-key-hash-script';

/** What a caller was told in a 402, and who was told. */
export interface PaymentTerms {
  readonly derivationPrefix: string;
  readonly satoshis: Satoshis;
  readonly payer: string;
  /** Of the paying output: BRC-105 has it first, other dialects say where it is. */
  readonly vout?: number;
  /** Whether more than the price is as wrong as less. */
  readonly isExact?: boolean;
}

export interface CheckedPayment {
  readonly outpoint: Outpoint;
  /** What the output really pays: at least the price. */
  readonly satoshis: Satoshis;
  readonly lockingScript: Uint8Array;
  /** Whoever holds the key of `payee` spends it by this. */
  readonly derivation: PaymentDerivation;
}

/** BRC-105. */
const FIRST_VOUT = 0;

/**
 * Reads the output itself: the stock middleware reports the price as paid without looking (PROTOCOLS C1). The output must be locked to the BRC-29 key
 * of these terms for this payer, so a payment meant for another quote, identity or gateway cannot be shown here.
 *
 * Asks the bytes alone, so that it can stand before the proof of the payment. What it accepts MUST be proven before it is taken.
 */
export const checkPayment = (
  keys: GatewayKeys,
  terms: PaymentTerms,
  derivationSuffix: string,
  payment: Transaction,
): Result<CheckedPayment> => {
  const { vout = FIRST_VOUT, isExact = false } = terms;
  const output = payment.outputs[vout];
  const script = writePublicKeyHashScript(
    keys.derivePaymentKeyHash(terms.payer, terms.derivationPrefix, derivationSuffix),
  );
  if (output === undefined || !script.equals(output.lockingScript)) {
    return reject('payment-wrong-key');
  }
  if (output.satoshis < terms.satoshis) {
    return reject(
      'payment-underpaid',
      `The price is ${terms.satoshis} satoshis; output ${vout} pays ${output.satoshis}.`,
    );
  }
  if (isExact && output.satoshis > terms.satoshis) {
    return reject(
      'payment-inexact',
      `The price is ${terms.satoshis} satoshis; output ${vout} pays ${output.satoshis}.`,
    );
  }
  return accept({
    outpoint: makeOutpoint(payment.txid, vout),
    satoshis: output.satoshis,
    // Octets of our own: those of the payment are handed to whoever proves it.
    lockingScript: script,
    derivation: {
      ...{ prefix: terms.derivationPrefix, suffix: derivationSuffix },
      ...{ payer: terms.payer, payee: keys.identityKey },
    },
  });
};
