import type { Txid } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import { SCHEMA, hash, integer, json, key, maybe, text, time, uuid } from './columns';

export type OutboxState = 'waiting' | 'leased' | 'done' | 'parked';

export interface StoredOutboxRow {
  readonly id: string;
  readonly dedupeKey: string;
  readonly organisation: string;
  readonly kind: string;
  readonly txid: Txid | null;
  readonly transitionId: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly state: OutboxState;
  readonly attempts: number;
  readonly availableAt: Date;
  readonly leaseNumber: number;
  readonly leaseUntil: Date | null;
  readonly lastError: string | null;
  readonly createdAt: Date;
}

export const OutboxRowEntity = new EntitySchema<StoredOutboxRow>({
  name: 'OutboxRow',
  tableName: 'outbox',
  schema: SCHEMA,
  columns: {
    id: key({ name: 'id', type: 'bigint', insert: false, update: false }),
    dedupeKey: text('dedupe_key'),
    organisation: text('organisation'),
    kind: text('kind'),
    txid: maybe(hash('txid')),
    transitionId: maybe(uuid('transition_id')),
    payload: json('payload'),
    state: text('state'),
    attempts: integer('attempts'),
    availableAt: time('available_at'),
    leaseNumber: integer('lease_number'),
    leaseUntil: maybe(time('lease_until')),
    lastError: maybe(text('last_error')),
    createdAt: time('created_at'),
  },
});
