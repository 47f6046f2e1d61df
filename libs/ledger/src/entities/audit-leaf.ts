import { EntitySchema } from 'typeorm';
import { SCHEMA, bytes, key, text, time, wholeNumber } from './columns';

export interface StoredAuditLeaf {
  readonly index: number;
  readonly organisation: string;
  readonly leaf: Buffer;
  readonly leafHash: Buffer;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
  readonly at: Date;
}

export const AuditLeafEntity = new EntitySchema<StoredAuditLeaf>({
  name: 'AuditLeaf',
  tableName: 'audit_leaf',
  schema: SCHEMA,
  columns: {
    index: key(wholeNumber('index')),
    organisation: text('organisation'),
    leaf: bytes('leaf'),
    leafHash: bytes('leaf_hash'),
    previousHash: bytes('previous_hash'),
    hash: bytes('hash'),
    at: time('at'),
  },
});
