import type { Outpoint, Satoshis, Settlement } from '#atomic-core';
import { hexOf, runStatement } from './database';
import type { Database } from './database';
import { QUOTE_COLUMNS, readQuote } from './quotes';
import type { Quote, QuoteRow } from './quotes';

/** A payment that has come, by the terms that it names. */
export interface SeenPayment {
  readonly prefix: string;
  readonly identityKey: string;
  /** 32 bytes each: of the request, and of the payment as it came. */
  readonly requestDigest: Uint8Array;
  readonly mark: Uint8Array;
}

/** The terms that a payment names, with the note that it has come where they are of this very request and nothing was taken on them yet. */
export const seePayment = async (db: Database, payment: SeenPayment): Promise<Quote | undefined> => {
  const { prefix, identityKey, requestDigest, mark } = payment;
  const [row] = await runStatement<QuoteRow[]>(
    db,
    `select ${QUOTE_COLUMNS} from portcullis.see_payment($1, $2, $3, $4)`,
    [prefix, identityKey, Buffer.from(requestDigest), Buffer.from(mark)],
  );
  return row && readQuote(row);
};

/** It is known what became of it. The note of another payment stays. */
export const forgetPayment = async (
  db: Database,
  { prefix, mark }: Pick<SeenPayment, 'prefix' | 'mark'>,
): Promise<void> => {
  await runStatement(
    db,
    `update portcullis.payment_quote set payment_seen = null, payment_suffix = null, payment_beef = null where prefix = $1 and payment_seen = $2`,
    [prefix, Buffer.from(mark)],
  );
};

export interface HeldPayment {
  readonly suffix: string;
  readonly beef: Buffer;
}

/** Of all callers together, and octets of one: what is kept is in the hands of whoever pays, and must stay small. */
const HELD_MAX = 1_000;
const HELD_BYTES_MAX = 65_536;

/** Keeps a payment that is good and was not taken, unless it is large or many are kept: then whoever paid has to bring it again. */
export const holdPayment = async (
  db: Database,
  { prefix, mark }: Pick<SeenPayment, 'prefix' | 'mark'>,
  { suffix, beef }: { readonly suffix: string; readonly beef: Uint8Array },
): Promise<void> => {
  if (beef.length > HELD_BYTES_MAX) return;
  await runStatement(db, 'select portcullis.hold_payment($1, $2, $3, $4, $5)', [
    ...[prefix, Buffer.from(mark), suffix, Buffer.from(beef), HELD_MAX],
  ]);
};

export const findHeldPayment = async (db: Database, prefix: string): Promise<HeldPayment | undefined> => {
  const [row] = await runStatement<HeldPayment[]>(
    db,
    `select payment_suffix as suffix, payment_beef as beef from portcullis.payment_quote
     where prefix = $1 and payment_beef is not null and claimed_at is null`,
    [prefix],
  );
  return row;
};

export interface ShownTermsRequest {
  readonly outpoint: Outpoint;
  readonly organisation: string;
  readonly identityKey: string;
  readonly payer: string;
  /** 32 bytes. */
  readonly requestDigest: Uint8Array;
  readonly method: string;
  readonly path: string;
  readonly satoshis: Satoshis;
  readonly planVersion: string;
  /** When the payer says that it paid; how long that counts, and how far it may be ahead of the database. */
  readonly atMs: number;
  readonly lifeMs: number;
  readonly aheadMs: number;
}

/** By its output: one payment, one row, whatever it names beside. */
export const prefixOfShown = (outpoint: Outpoint): string => hexOf(outpoint);

/** The terms of a payment that names none; undefined where it is too old or of the future. */
export const openShownTerms = async (db: Database, request: ShownTermsRequest): Promise<Quote | undefined> => {
  const { outpoint, requestDigest, ...rest } = request;
  const [row] = await runStatement<QuoteRow[]>(
    db,
    `select ${QUOTE_COLUMNS} from portcullis.open_shown_terms($1::jsonb, $2)`,
    [JSON.stringify({ ...rest, prefix: prefixOfShown(outpoint) }), Buffer.from(requestDigest)],
  );
  return row && readQuote(row);
};

/** The least that strangers were asked for this request in terms that are open, or ended no longer ago than that. */
export const findStrangerPrice = async (
  db: Database,
  requestDigest: Uint8Array,
  graceMs: number,
): Promise<Satoshis | undefined> => {
  const [row] = await runStatement<{ satoshis: string }[]>(
    db,
    `select satoshis from portcullis.payment_quote where request_digest = $1 and expires_at > now() - $2::float8 * interval '1 millisecond'
       and claimed_at is null and payer is null and organisation = 'public' order by satoshis limit 1`,
    [Buffer.from(requestDigest), graceMs],
  );
  return row && Number(row.satoshis);
};

/** What became of a payment, as its payer may know it. */
export interface PaymentRecord {
  readonly prefix: string;
  readonly method: string;
  readonly path: string;
  readonly price: Satoshis;
  readonly planVersion: string | null;
  readonly expiresAt: Date;
  readonly seen: boolean;
  /** 36 bytes; null while nothing is taken on the terms. */
  readonly outpoint: Buffer | null;
  readonly paid: Satoshis | null;
  readonly settlement: Settlement | null;
  readonly transitionId: string | null;
  readonly claimedAt: Date | null;
}

type PaymentRow = Omit<PaymentRecord, 'price' | 'paid'> & { readonly price: string; readonly paid: string | null };

/** By the prefix of its terms or by its output. To whom the terms were given, or who paid; nobody else learns that there is one. */
export const findPayment = async (
  db: Database,
  reference: { readonly prefix: string } | { readonly outpoint: Outpoint },
  identityKey: string,
): Promise<PaymentRecord | undefined> => {
  const [prefix, outpoint] =
    'prefix' in reference ? [reference.prefix, null] : [prefixOfShown(reference.outpoint), reference.outpoint];
  const [row] = await runStatement<PaymentRow[]>(
    db,
    `select q.prefix, q.method, q.path, q.satoshis as price, q.plan_version as "planVersion", q.expires_at as "expiresAt",
       q.payment_seen is not null as seen, c.outpoint, c.satoshis as paid, c.settlement, c.transition_id as "transitionId", c.created_at as "claimedAt"
     from portcullis.payment_quote q left join portcullis.payment_claim c on c.prefix = q.prefix
     where q.prefix = coalesce((select h.prefix from portcullis.payment_claim h where h.outpoint = $2), $1) and $3 in (q.identity_key, q.payer)`,
    [prefix, outpoint === null ? null : Buffer.from(outpoint), identityKey],
  );
  return row && { ...row, price: Number(row.price), paid: row.paid === null ? null : Number(row.paid) };
};
