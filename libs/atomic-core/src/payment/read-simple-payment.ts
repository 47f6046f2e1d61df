import { hasBytes } from '../identity/auth-headers';
import { isIdentityKey } from '../identity/gateway-keys';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';
import { readShownTransaction, readPaidAt } from './shown-payment';
import type { ShownPayment } from './shown-payment';

/** The five headers of BRC-121, each as it came; undefined where it did not. */
export interface SimplePaymentHeaders {
  readonly beef: string;
  readonly sender: string | undefined;
  readonly nonce: string | undefined;
  readonly time: string | undefined;
  readonly vout: string | undefined;
}

/** The reference client sends 8 octets; prefix, space and suffix must stay below the 800 characters of a BRC-43 key id. */
const NONCE_BYTES_MAX = 96;
const VOUT = /^(?:0|[1-9]\d{0,9})$/;
const VOUT_MAX = 0xffff_ffff;

/** BRC-121: the derivation suffix is the base64 of the time as text. */
export const readSimplePayment = (headers: SimplePaymentHeaders): Result<ShownPayment> => {
  const { sender = '', nonce = '', time = '', vout = '' } = headers;
  if (!isIdentityKey(sender)) return reject('payment-malformed', 'x-bsv-sender is not a compressed public key.');
  if (!hasBytes(nonce, 1, NONCE_BYTES_MAX)) return reject('payment-malformed', 'x-bsv-nonce is not base64.');
  const atMs = readPaidAt(time);
  if (atMs === undefined) return reject('payment-malformed', 'x-bsv-time is not a time in milliseconds.');
  if (!VOUT.test(vout) || Number(vout) > VOUT_MAX) return reject('payment-malformed', 'x-bsv-vout is not an index.');
  const transaction = readShownTransaction(headers.beef);
  if (!transaction.ok) return transaction;
  return accept({
    dialect: 'brc-121',
    payer: sender,
    derivationPrefix: nonce,
    derivationSuffix: Buffer.from(time, 'utf8').toString('base64'),
    vout: Number(vout),
    atMs,
    transaction: transaction.value,
  });
};
