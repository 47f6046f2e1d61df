import type { EntitySchema } from 'typeorm';
import { AuditLeafEntity } from './audit-leaf';
import { BasketOutputEntity } from './basket-output';
import { BlockHeaderEntity } from './block-header';
import { OutboxRowEntity } from './outbox-row';
import { PaymentClaimEntity } from './payment-claim';
import { PaymentQuoteEntity } from './payment-quote';
import { ScriptVerdictEntity } from './script-verdict';
import { SettlementEventEntity } from './settlement-event';
import { TopicOutputEntity } from './topic-output';
import { TransactionEntity } from './transaction';
import { TransitionEntity } from './transition';

/** What reads use, for the DataSource. Rows are written by the functions of the ledger, never through these. */
export const entities: readonly EntitySchema[] = [
  AuditLeafEntity,
  BasketOutputEntity,
  BlockHeaderEntity,
  OutboxRowEntity,
  PaymentClaimEntity,
  PaymentQuoteEntity,
  ScriptVerdictEntity,
  SettlementEventEntity,
  TopicOutputEntity,
  TransactionEntity,
  TransitionEntity,
] as EntitySchema[];
