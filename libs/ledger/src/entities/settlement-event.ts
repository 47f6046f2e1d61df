import type { Settlement } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import { SCHEMA, integer, json, key, text, time, uuid } from './columns';

export interface StoredSettlementEvent {
  readonly transitionId: string;
  readonly seq: number;
  readonly settlement: Settlement;
  readonly at: Date;
  readonly detail: Readonly<Record<string, unknown>>;
}

export const SettlementEventEntity = new EntitySchema<StoredSettlementEvent>({
  name: 'SettlementEvent',
  tableName: 'settlement_event',
  schema: SCHEMA,
  columns: {
    transitionId: key(uuid('transition_id')),
    seq: key(integer('seq')),
    settlement: text('settlement'),
    at: time('at'),
    detail: json('detail'),
  },
});
