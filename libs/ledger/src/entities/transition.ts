import type { Settlement, Txid } from '#atomic-core';
import { EntitySchema } from 'typeorm';
import type { Receipt } from '../commit-input';
import { SCHEMA, bytes, hash, json, key, maybe, onDemand, text, time, uuid, wholeNumber } from './columns';
import type { StoredPaymentClaim } from './payment-claim';
import type { StoredTransaction } from './transaction';

export interface StoredTransition {
  readonly id: string;
  readonly organisation: string;
  readonly identityKey: string;
  readonly requestKey: string;
  readonly requestDigest: Buffer;
  readonly requestId: string;
  readonly txid: Txid;
  readonly topics: readonly string[];
  readonly settlement: Settlement;
  /** Null inside the COMMIT only. */
  readonly receipt: Receipt | null;
  readonly leafIndex: number | null;
  readonly labels: readonly string[];
  readonly offChainValues?: Buffer | null;
  /** Of the policies that allowed it; null where none were asked. */
  readonly policyVersion: Buffer | null;
  readonly createdAt: Date;
  readonly transaction: StoredTransaction;
  readonly claim: StoredPaymentClaim | null;
}

export const TransitionEntity = new EntitySchema<StoredTransition>({
  name: 'Transition',
  tableName: 'transition',
  schema: SCHEMA,
  columns: {
    id: key(uuid('id')),
    organisation: text('organisation'),
    identityKey: text('identity_key'),
    requestKey: text('request_key'),
    requestDigest: bytes('request_digest'),
    requestId: text('request_id'),
    txid: hash('txid'),
    topics: { ...text('topics'), array: true },
    settlement: text('settlement'),
    receipt: maybe(json('receipt')),
    leafIndex: maybe(wholeNumber('leaf_index')),
    labels: { ...text('labels'), array: true },
    offChainValues: onDemand(maybe(bytes('off_chain_values'))),
    policyVersion: maybe(bytes('policy_version')),
    createdAt: time('created_at'),
  },
  relations: {
    transaction: { type: 'many-to-one', target: 'Transaction', joinColumn: { name: 'txid' } },
    claim: { type: 'one-to-one', target: 'PaymentClaim', inverseSide: 'transition' },
  },
});
