import type { Satoshis, Txid } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import { SCHEMA, bytes, flag, hash, integer, key, maybe, text, time, uuid, wholeNumber } from './columns';

export interface StoredBasketOutput {
  readonly txid: Txid;
  readonly vout: number;
  readonly organisation: string;
  readonly basket: string;
  readonly satoshis: Satoshis;
  readonly lockingScript: Buffer;
  /** Null: of the payment whose output it is. */
  readonly transitionId: string | null;
  readonly removedBy: Txid | null;
  readonly retracted: boolean;
  readonly tags: readonly string[];
  readonly customInstructions: string | null;
  readonly quantity: number;
  readonly relinquished: boolean;
  readonly place: number;
  readonly reservedBy: string | null;
  readonly reservedUntil: Date | null;
}

export const BasketOutputEntity = new EntitySchema<StoredBasketOutput>({
  name: 'BasketOutput',
  tableName: 'basket_output',
  schema: SCHEMA,
  columns: {
    txid: key(hash('txid')),
    vout: key(integer('vout')),
    organisation: key(text('organisation')),
    basket: text('basket'),
    satoshis: wholeNumber('satoshis'),
    lockingScript: bytes('locking_script'),
    transitionId: maybe(uuid('transition_id')),
    removedBy: maybe(hash('removed_by')),
    retracted: flag('retracted'),
    tags: { ...text('tags'), array: true },
    customInstructions: maybe(text('custom_instructions')),
    quantity: wholeNumber('quantity'),
    relinquished: flag('relinquished'),
    place: wholeNumber('place'),
    reservedBy: maybe(uuid('reserved_by')),
    reservedUntil: maybe(time('reserved_until')),
  },
});
