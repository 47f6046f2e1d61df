import type { Satoshis, Settlement, Txid } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import { SCHEMA, bytes, hash, key, maybe, text, time, uuid, wholeNumber } from './columns';

export interface StoredPaymentClaim {
  /** 36 bytes in wire order. */
  readonly outpoint: Buffer;
  readonly txid: Txid;
  readonly prefix: string;
  readonly organisation: string;
  readonly identityKey: string;
  readonly requestDigest: Buffer;
  readonly satoshis: Satoshis;
  /** The price, where that is not what the terms said. */
  readonly charged: Satoshis | null;
  /** Whose account it is of, where that is neither who asked nor the key that paid. */
  readonly holder: string | null;
  readonly transitionId: string | null;
  readonly settlement: Settlement;
  readonly leafIndex: number | null;
  /** Whose basket its output came into. */
  readonly treasury: string | null;
  /** By which it is spent. */
  readonly instructions: string | null;
  readonly createdAt: Date;
  readonly transition: { readonly id: string } | null;
}

export const PaymentClaimEntity = new EntitySchema<StoredPaymentClaim>({
  name: 'PaymentClaim',
  tableName: 'payment_claim',
  schema: SCHEMA,
  columns: {
    outpoint: key(bytes('outpoint')),
    txid: hash('txid'),
    prefix: text('prefix'),
    organisation: text('organisation'),
    identityKey: text('identity_key'),
    requestDigest: bytes('request_digest'),
    satoshis: wholeNumber('satoshis'),
    charged: maybe(wholeNumber('charged')),
    holder: maybe(text('holder')),
    transitionId: maybe(uuid('transition_id')),
    settlement: text('settlement'),
    leafIndex: maybe(wholeNumber('leaf_index')),
    treasury: maybe(text('treasury')),
    instructions: maybe(text('instructions')),
    createdAt: time('created_at'),
  },
  relations: {
    transition: {
      type: 'one-to-one',
      target: 'Transition',
      inverseSide: 'claim',
      joinColumn: { name: 'transition_id' },
      nullable: true,
    },
  },
});
