import type { GatewayKeys, Rejection } from '#atomic-core';
import type { Quote } from '#ledger';
import { RejectionError } from '../ingress';

const PAYMENT_VERSION = '1.0';

/** Says after a success what was taken. */
export const SATOSHIS_PAID_HEADER = 'x-bsv-payment-satoshis-paid';

/** A 402 with the terms of an open quote (BRC-105). Only an open quote is ever put into a 402: `AuthFetch` pays whatever bill it is shown. */
export const writeTerms = (rejection: Rejection, quote: Quote, keys: GatewayKeys): RejectionError =>
  new RejectionError(rejection, {
    headers: {
      'x-bsv-payment-version': PAYMENT_VERSION,
      'x-bsv-payment-satoshis-required': String(quote.satoshis),
      'x-bsv-payment-derivation-prefix': quote.prefix,
      'x-bsv-auth-identity-key': keys.identityKey,
    },
  });
