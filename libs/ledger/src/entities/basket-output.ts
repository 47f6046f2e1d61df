import type { Satoshis, Txid } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import { SCHEMA, bytes, flag, hash, integer, key, maybe, text, uuid, wholeNumber } from './columns';

export interface StoredBasketOutput {
  readonly txid: Txid;
  readonly vout: number;
  readonly organisation: string;
  readonly basket: string;
  readonly satoshis: Satoshis;
  readonly lockingScript: Buffer;
  readonly transitionId: string;
  readonly removedBy: Txid | null;
  readonly retracted: boolean;
}

export const BasketOutputEntity = new EntitySchema<StoredBasketOutput>({
  name: 'BasketOutput',
  tableName: 'basket_output',
  schema: SCHEMA,
  columns: {
    txid: key(hash('txid')),
    vout: key(integer('vout')),
    organisation: text('organisation'),
    basket: text('basket'),
    satoshis: wholeNumber('satoshis'),
    lockingScript: bytes('locking_script'),
    transitionId: uuid('transition_id'),
    removedBy: maybe(hash('removed_by')),
    retracted: flag('retracted'),
  },
});
