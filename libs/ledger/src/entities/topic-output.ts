import type { Satoshis, Txid } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import { SCHEMA, bytes, flag, hash, integer, key, maybe, text, uuid, wholeNumber } from './columns';

export interface StoredTopicOutput {
  readonly topic: string;
  readonly txid: Txid;
  readonly vout: number;
  readonly satoshis: Satoshis;
  readonly lockingScript: Buffer;
  readonly transitionId: string;
  readonly spentBy: Txid | null;
  readonly retained: boolean;
  readonly retracted: boolean;
  /** Of the audit; null unless evicted. */
  readonly evictedLeaf: number | null;
  readonly evictedReason: string | null;
}

export const TopicOutputEntity = new EntitySchema<StoredTopicOutput>({
  name: 'TopicOutput',
  tableName: 'topic_output',
  schema: SCHEMA,
  columns: {
    topic: key(text('topic')),
    txid: key(hash('txid')),
    vout: key(integer('vout')),
    satoshis: wholeNumber('satoshis'),
    lockingScript: bytes('locking_script'),
    transitionId: uuid('transition_id'),
    spentBy: maybe(hash('spent_by')),
    retained: flag('retained'),
    retracted: flag('retracted'),
    evictedLeaf: maybe(wholeNumber('evicted_leaf')),
    evictedReason: maybe(text('evicted_reason')),
  },
});
