import type { Settlement } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import { printDetail } from '../database';
import { SCHEMA, integer, json, key, text, time, uuid } from './columns';

export interface StoredSettlementEvent {
  readonly transitionId: string;
  readonly seq: number;
  readonly settlement: Settlement;
  readonly at: Date;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** SQL writes the hash of a block in wire order and says so; any other text is a broadcaster's and stays what it is. */
const printBlock = (detail: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { blockHash } = detail;
  return typeof blockHash === 'string' ? { ...detail, blockHash: printDetail(blockHash) } : detail;
};

export const SettlementEventEntity = new EntitySchema<StoredSettlementEvent>({
  name: 'SettlementEvent',
  tableName: 'settlement_event',
  schema: SCHEMA,
  columns: {
    transitionId: key(uuid('transition_id')),
    seq: key(integer('seq')),
    settlement: text('settlement'),
    at: time('at'),
    detail: { ...json('detail'), transformer: { from: printBlock, to: (detail: unknown) => detail } },
  },
});
