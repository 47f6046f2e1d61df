import type { Satoshis } from '#atomic-core';
import { onlyRow, runStatement } from './database';
import type { Database } from './database';
import { PaymentQuoteEntity } from './entities/payment-quote';

export interface QuoteRequest {
  /** A fresh derivation prefix; used only when no quote is open. */
  readonly prefix: string;
  readonly organisation: string;
  readonly identityKey: string;
  /** 32 bytes. */
  readonly requestDigest: Uint8Array;
  readonly method: string;
  readonly path: string;
  readonly satoshis: Satoshis;
  /** Of the price list that says so. */
  readonly planVersion?: string;
  readonly ttlMs: number;
}

export interface Quote {
  readonly prefix: string;
  readonly organisation: string;
  readonly identityKey: string;
  readonly requestDigest: Buffer;
  readonly method: string;
  readonly path: string;
  readonly satoshis: Satoshis;
  readonly expiresAt: Date;
  /** By the clock of the database, the only clock that the COMMIT believes. */
  readonly expired: boolean;
  /** A payment was taken on these terms. */
  readonly claimed: boolean;
  /** A payment has come for these terms, and it is not known what became of it. */
  readonly seen: boolean;
  /** That payment is good and kept here. */
  readonly held: boolean;
}

export interface QuoteRow extends Omit<Quote, 'satoshis'> {
  readonly satoshis: string;
}

export const QUOTE_COLUMNS = `prefix, organisation, identity_key as "identityKey", request_digest as "requestDigest", method, path, satoshis,
  expires_at as "expiresAt", expires_at <= now() as expired, claimed_at is not null as claimed,
  payment_seen is not null as seen, payment_beef is not null as held`;

export const readQuote = (row: QuoteRow): Quote => ({ ...row, satoshis: Number(row.satoshis) });

/** While a quote for the same identity and request is open, the same prefix and price come back, whatever the price list says by then. */
export const findOrCreateQuote = async (db: Database, request: QuoteRequest): Promise<Quote> => {
  const { prefix, organisation, identityKey, requestDigest, method, path, satoshis, planVersion, ttlMs } = request;
  const rows = await runStatement<QuoteRow[]>(
    db,
    `select ${QUOTE_COLUMNS} from portcullis.find_or_create_quote($1::jsonb, $2)`,
    [
      JSON.stringify({ prefix, organisation, identityKey, method, path, satoshis, planVersion, ttlMs }),
      Buffer.from(requestDigest),
    ],
  );
  return readQuote(onlyRow(rows));
};

export const findQuote = async (db: Database, prefix: string): Promise<Quote | undefined> => {
  const stored = await db.getRepository(PaymentQuoteEntity).findOneBy({ prefix });
  if (stored === null) return undefined;
  const { organisation, identityKey, requestDigest, method, path, satoshis, expiresAt, expired } = stored;
  const [claimed, seen, held] = [stored.claimedAt, stored.paymentSeen, stored.paymentBeef].map((it) => it !== null) as [
    boolean,
    boolean,
    boolean,
  ];
  return {
    held,
    prefix,
    organisation,
    identityKey,
    requestDigest,
    method,
    path,
    satoshis,
    expiresAt,
    expired,
    claimed,
    seen,
  };
};

/**
 * Forgets terms that nobody paid, an hour after their end: each unpaid request leaves one, and they are free to ask for. Terms that were paid stay as
 * long as their claim, which is for ever. Returns the number removed; at most `limit` a call.
 */
export const pruneQuotes = async (db: Database, limit = 1_000): Promise<number> => {
  const [rows] = await runStatement<[unknown[], number]>(
    db,
    `delete from portcullis.payment_quote gone using (
       select q.prefix from portcullis.payment_quote q where q.claimed_at is null and q.expires_at <= now() - interval '1 hour'
       order by q.expires_at limit $1 for update skip locked
     ) ended where gone.prefix = ended.prefix and gone.claimed_at is null returning 1`,
    [limit],
  );
  return rows.length;
};
