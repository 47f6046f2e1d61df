import type { Satoshis } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import { SCHEMA, bytes, flag, key, maybe, text, time, wholeNumber } from './columns';

export interface StoredPaymentQuote {
  readonly prefix: string;
  readonly organisation: string;
  readonly identityKey: string;
  readonly requestDigest: Buffer;
  readonly method: string;
  readonly path: string;
  readonly satoshis: Satoshis;
  readonly expiresAt: Date;
  readonly claimedAt: Date | null;
  readonly superseded: boolean;
  readonly createdAt: Date;
  /** Of the price list that they were written under; of older terms it is not known. */
  readonly planVersion: string | null;
  /** The key that pays, where the terms were given to nobody in particular. */
  readonly payer: string | null;
  /** SHA-256 of a payment that has come for them and whose judgement is not known. */
  readonly paymentSeen: Buffer | null;
  /** That payment, where it is good and its request could not be finished. */
  readonly paymentSuffix: string | null;
  readonly paymentBeef: Buffer | null;
  /** By the clock of the database, the only clock that the COMMIT believes. */
  readonly expired: boolean;
}

export const PaymentQuoteEntity = new EntitySchema<StoredPaymentQuote>({
  name: 'PaymentQuote',
  tableName: 'payment_quote',
  schema: SCHEMA,
  columns: {
    prefix: key(text('prefix')),
    organisation: text('organisation'),
    identityKey: text('identity_key'),
    requestDigest: bytes('request_digest'),
    method: text('method'),
    path: text('path'),
    satoshis: wholeNumber('satoshis'),
    expiresAt: time('expires_at'),
    claimedAt: maybe(time('claimed_at')),
    superseded: flag('superseded'),
    createdAt: time('created_at'),
    planVersion: maybe(text('plan_version')),
    payer: maybe(text('payer')),
    paymentSeen: maybe(bytes('payment_seen')),
    paymentSuffix: maybe(text('payment_suffix')),
    paymentBeef: maybe(bytes('payment_beef')),
    expired: { ...flag('expired'), virtualProperty: true, query: (quote) => `${quote}.expires_at <= now()` },
  },
});
