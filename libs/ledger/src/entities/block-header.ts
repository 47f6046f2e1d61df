import { EntitySchema } from 'typeorm';
import { SCHEMA, bytes, flag, hash, integer, key, text, time } from './columns';

export interface StoredBlockHeader {
  /** Display order. */
  readonly hash: string;
  readonly previousHash: string;
  readonly height: number;
  /** 80 bytes. */
  readonly header: Buffer;
  /** Of this header and all before it; decimal digits, beyond 2^53. */
  readonly work: string;
  readonly isBest: boolean;
  readonly receivedAt: Date;
}

export const BlockHeaderEntity = new EntitySchema<StoredBlockHeader>({
  name: 'BlockHeader',
  tableName: 'block_header',
  schema: SCHEMA,
  columns: {
    hash: key(hash('hash')),
    previousHash: hash('previous_hash'),
    height: integer('height'),
    header: bytes('header'),
    work: { ...text('work'), type: 'numeric' },
    isBest: flag('is_best'),
    receivedAt: time('received_at'),
  },
});
