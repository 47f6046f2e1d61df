import { hasBytes, readBase64 } from '../identity/auth-headers';
import { isIdentityKey } from '../identity/gateway-keys';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { readShownTransaction, readPaidAt } from './shown-payment';
import type { ShownPayment } from './shown-payment';

/** What the payer chose of what it was offered, as far as the scheme `exact` on BSV has it (x402 v2). */
export interface X402Requirements {
  readonly scheme: string;
  readonly network: string;
  /** Decimal. */
  readonly amount: string;
  readonly asset: string;
  /** An identity key. */
  readonly payTo: string;
  readonly maxTimeoutSeconds: number;
}

export interface X402Payment {
  readonly accepted: X402Requirements;
  readonly shown: ShownPayment;
}

/** The scheme: at least 8 octets of nonce. */
const PREFIX_BYTES_MIN = 8;
const PREFIX_BYTES_MAX = 96;
const VOUT_MAX = 0xffff_ffff;
const AMOUNT = /^[1-9]\d{0,15}$/;

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const lowerCase = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : '');

const malformed = (detail: string): Result<never> => reject('payment-malformed', detail);

/** `PAYMENT-SIGNATURE`: base64 of JSON. Undefined where it is neither. */
export const openX402Header = (header: string): unknown => {
  const octets = readBase64(header);
  if (octets === undefined) return undefined;
  try {
    return JSON.parse(octets.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
};

export const readX402Requirements = (value: unknown): Result<X402Requirements> => {
  if (!isObject(value)) return malformed('The payment requirements are not an object.');
  const { scheme, network, amount, asset, payTo, maxTimeoutSeconds } = value;
  if (scheme !== 'exact') return malformed('The scheme is not exact.');
  if (typeof network !== 'string' || !network.startsWith('bsv:')) return malformed('The network is not one of BSV.');
  if (asset !== 'BSV') return malformed('The asset is not BSV.');
  if (typeof amount !== 'string' || !AMOUNT.test(amount) || !Number.isSafeInteger(Number(amount)))
    return malformed('The amount is not a number of satoshis.');
  const payee = lowerCase(payTo);
  if (!isIdentityKey(payee)) return malformed('payTo is not a compressed public key.');
  if (typeof maxTimeoutSeconds !== 'number' || !Number.isInteger(maxTimeoutSeconds) || maxTimeoutSeconds < 0)
    return malformed('maxTimeoutSeconds is not a number of seconds.');
  return accept({ scheme, network, amount, asset, payTo: payee, maxTimeoutSeconds });
};

/** The payload of the scheme `exact` on BSV: BRC-29 with the time as its suffix, which makes it BRC-121 in JSON. */
const readPayload = (payload: Members): Result<ShownPayment> => {
  const { derivationPrefix, derivationSuffix, senderIdentityKey, outputIndex } = payload;
  if (typeof derivationPrefix !== 'string' || !hasBytes(derivationPrefix, PREFIX_BYTES_MIN, PREFIX_BYTES_MAX))
    return malformed('The derivation prefix is not base64 of at least 8 octets.');
  const time = typeof derivationSuffix === 'string' ? readBase64(derivationSuffix)?.toString('latin1') : undefined;
  const atMs = time === undefined ? undefined : readPaidAt(time);
  if (atMs === undefined) return malformed('The derivation suffix is not base64 of a time in milliseconds.');
  const payer = lowerCase(senderIdentityKey);
  if (!isIdentityKey(payer)) return malformed('senderIdentityKey is not a compressed public key.');
  if (typeof outputIndex !== 'number' || !Number.isInteger(outputIndex) || outputIndex < 0 || outputIndex > VOUT_MAX)
    return malformed('outputIndex is not an index.');
  const transaction = readShownTransaction(payload['transaction']);
  if (!transaction.ok) return transaction;
  return accept({
    dialect: 'x402',
    payer,
    derivationPrefix,
    derivationSuffix: derivationSuffix as string,
    vout: outputIndex,
    atMs,
    transaction: transaction.value,
  });
};

export const readX402Payment = (value: unknown): Result<X402Payment> => {
  if (!isObject(value)) return malformed('The payment is not base64 of a JSON object.');
  if (value['x402Version'] !== 2) return malformed('The version of x402 is not 2.');
  const accepted = readX402Requirements(value['accepted']);
  if (!accepted.ok) return accepted;
  const { payload } = value;
  if (!isObject(payload)) return malformed('The payload is not an object.');
  const shown = readPayload(payload);
  if (!shown.ok) return shown;
  const exactSatoshis = Number(accepted.value.amount);
  return accept({ accepted: accepted.value, shown: { ...shown.value, exactSatoshis } });
};
