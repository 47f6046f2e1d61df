import type { Satoshis } from '../bytes';
import { readBase64 } from '../identity/auth-headers';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';

/** How a payment of one who has no session comes: BRC-121 headers, or the `exact` scheme of x402 on BSV. */
export type StrangerDialect = 'brc-121' | 'x402';

/** A payment that names its own derivation and not terms of ours. Its form is checked and nothing else. */
export interface ShownPayment {
  readonly dialect: StrangerDialect;
  /** A point of the curve. Whoever knows its secret could derive the key that is paid; who shows the payment has proven nothing. */
  readonly payer: string;
  readonly derivationPrefix: string;
  readonly derivationSuffix: string;
  readonly vout: number;
  /** When the payer says that it paid. */
  readonly atMs: number;
  /** Atomic BEEF. */
  readonly transaction: Uint8Array;
  /** Exactly this, no more and no less, where the dialect says so. */
  readonly exactSatoshis?: Satoshis;
}

const ATOMIC_PREFIX = Buffer.of(1, 1, 1, 1);
const TIME = /^[1-9]\d{12}$/;

/** Octets of an Atomic BEEF in base64. A plain BEEF names no subject: the payment would be whichever transaction the reader takes (PROTOCOLS B12). */
export const readAtomicBase64 = (text: unknown): Result<Uint8Array> => {
  const octets = typeof text === 'string' ? readBase64(text) : undefined;
  if (octets === undefined || octets.length === 0) return reject('payment-malformed', 'The transaction is not base64.');
  if (!octets.subarray(0, 4).equals(ATOMIC_PREFIX))
    return reject('payment-malformed', 'The transaction is not an Atomic BEEF.');
  return accept(octets);
};

/** The head of an Atomic BEEF: its mark, and the id of its subject. */
const HEAD_BYTES = 36;

/** The same, with all of its head: by its subject a payment is known before it is read. */
export const readShownTransaction = (text: unknown): Result<Uint8Array> => {
  const octets = readAtomicBase64(text);
  return octets.ok && octets.value.length < HEAD_BYTES
    ? reject('payment-malformed', 'The transaction ends before it begins.')
    : octets;
};

/** Milliseconds in 13 digits: one spelling, so that the suffix that is derived from it is one too. */
export const readPaidAt = (text: string): number | undefined => (TIME.test(text) ? Number(text) : undefined);
