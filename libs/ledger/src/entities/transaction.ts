import type { Txid } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import { SCHEMA, bytes, hash, integer, key, maybe, onDemand, time } from './columns';

export interface StoredTransaction {
  readonly txid: Txid;
  /** Only where a find names it, as the BUMP. */
  readonly raw: Buffer;
  readonly bump: Buffer | null;
  readonly bumpRoot: string | null;
  /** Display order. */
  readonly blockHash: string | null;
  readonly blockHeight: number | null;
  readonly refusedAt: Date | null;
  readonly createdAt: Date;
}

export const TransactionEntity = new EntitySchema<StoredTransaction>({
  name: 'Transaction',
  tableName: 'transaction',
  schema: SCHEMA,
  columns: {
    txid: key(hash('txid')),
    raw: onDemand(bytes('raw')),
    bump: onDemand(maybe(bytes('bump'))),
    bumpRoot: maybe(hash('bump_root')),
    blockHash: maybe(hash('block_hash')),
    blockHeight: maybe(integer('block_height')),
    refusedAt: maybe(time('refused_at')),
    createdAt: time('created_at'),
  },
});
