import { accept } from '#atomic-core';
import type { Result } from '#atomic-core';
import { Not } from 'typeorm';
import { writeOutbox, writePayment, writeSpends, writeTransactions } from './commit-input';
import type { LedgerTransaction, OutboxMessage, PaymentTaken, Spend } from './commit-input';
import { hexOf, onlyRow, runRefusable } from './database';
import type { Database } from './database';
import { PaymentClaimEntity } from './entities/payment-claim';
import { listMoves } from './settlement';

export interface PaymentClaimInput extends PaymentTaken {
  readonly organisation: string;
  readonly identityKey: string;
  /** 32 bytes. */
  readonly requestDigest: Uint8Array;
  readonly transactions: readonly LedgerTransaction[];
  readonly spends: readonly Spend[];
  readonly outbox: readonly OutboxMessage[];
  readonly leaf: Uint8Array;
}

/**
 * How long after the end of its terms a payment is served again. It may be taken in their last moment and its answer be lost; a caller who retries, waits
 * as `Retry-After` says, or starts again after a crash is through within minutes. Without an end one payment would read a route for ever.
 */
const REPLAY_GRACE_MS = 600_000;

/** `replayed`: this very output already paid for this very request, not long ago. */
export type PaymentClaimOutcome = 'claimed' | 'replayed';

/** For priced routes that change nothing else: takes the payment in one statement, with its spends, outbox rows and audit leaf. */
export const claimPayment = async (db: Database, input: PaymentClaimInput): Promise<Result<PaymentClaimOutcome>> => {
  const { organisation, identityKey } = input;
  const plan = JSON.stringify({
    organisation,
    identityKey,
    requestDigest: hexOf(input.requestDigest),
    payment: writePayment(input),
    transactions: writeTransactions(input.transactions),
    spends: writeSpends(input.spends),
    outbox: writeOutbox(input.outbox),
    mined: listMoves('mined'),
    graceMs: REPLAY_GRACE_MS,
    leaf: hexOf(input.leaf),
  });
  const claimed = await runRefusable<{ outcome: PaymentClaimOutcome }[]>(
    db,
    'select portcullis.claim_payment($1::jsonb) as outcome',
    [plan],
  );
  return claimed.ok ? accept(onlyRow(claimed.value).outcome) : claimed;
};

/** Whether a payment that the network has not refused was taken for this very request of this identity, however long ago. */
export const isRequestPaid = async (db: Database, identityKey: string, requestDigest: Buffer): Promise<boolean> => {
  const claim = await db
    .getRepository(PaymentClaimEntity)
    .findOneBy({ identityKey, requestDigest, settlement: Not('retracted') });
  return claim !== null;
};
