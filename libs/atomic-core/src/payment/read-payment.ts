import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { readAtomicBase64 } from './shown-payment';

/** The `x-bsv-payment` header of BRC-105. */
export interface PaymentMessage {
  readonly derivationPrefix: string;
  readonly derivationSuffix: string;
  /** Atomic BEEF. */
  readonly transaction: Uint8Array;
}

/** Characters of a derivation suffix. The SDK sends 64; prefix, space and suffix must stay below the 800 of a BRC-43 key id. */
const SUFFIX_CHARACTERS_MAX = 256;
const PREFIX_CHARACTERS_MAX = 128;
const PRINTABLE = /^[\x21-\x7e]+$/;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const isShortText = (value: unknown, charactersMax: number): value is string =>
  typeof value === 'string' && value.length <= charactersMax && PRINTABLE.test(value);

export const readPayment = (header: string): Result<PaymentMessage> => {
  const message = parseJson(header);
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return reject('payment-malformed', 'The payment is not a JSON object.');
  }
  const { derivationPrefix, derivationSuffix, transaction } = message as Record<string, unknown>;
  if (!isShortText(derivationPrefix, PREFIX_CHARACTERS_MAX)) {
    return reject('payment-malformed', 'The derivation prefix is missing or not well formed.');
  }
  if (!isShortText(derivationSuffix, SUFFIX_CHARACTERS_MAX)) {
    return reject('payment-malformed', 'The derivation suffix is missing or not well formed.');
  }
  const octets = readAtomicBase64(transaction);
  return octets.ok ? accept({ derivationPrefix, derivationSuffix, transaction: octets.value }) : octets;
};
