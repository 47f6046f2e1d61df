import { accept } from '#atomic-core';
import type { Outpoint, Result } from '#atomic-core';
import { REPLAY_GRACE_MS, writeOutbox, writePaid, writeSpends, writeTransactions } from './commit-input';
import type { LedgerTransaction, OutboxMessage, PaymentTaken, Spend } from './commit-input';
import { hexOf, onlyRow, runRefusable, runStatement } from './database';
import type { Database } from './database';
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
  /** What follows the claim: an answer, for which it is given back when it fails; nothing that could fail, unless told; or it is paid ahead, and goes to the account. */
  readonly follows?: 'service' | 'nothing' | 'top-up';
}

/** `replayed`: this very output already paid for this very request, not long ago. */
export type PaymentClaimOutcome = 'claimed' | 'replayed';

/** For priced routes that change nothing else: takes the payment in one statement, with its spends, outbox rows and audit leaf. */
export const claimPayment = async (db: Database, input: PaymentClaimInput): Promise<Result<PaymentClaimOutcome>> => {
  const { organisation, identityKey } = input;
  const plan = JSON.stringify({
    organisation,
    identityKey,
    requestDigest: hexOf(input.requestDigest),
    ...writePaid(input),
    ...(input.follows === 'top-up' && { topUp: true }),
    ...(input.follows === 'service' && { serve: true }),
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

/** Whether a payment that the network has not refused was taken for this very request of this identity, or its account was drawn on, however long ago, and nothing was given back. */
export const isRequestPaid = async (
  db: Database,
  { organisation, identityKey }: Pick<PaymentClaimInput, 'organisation' | 'identityKey'>,
  requestDigest: Buffer,
): Promise<boolean> => {
  const rows = await runStatement<{ paid: boolean }[]>(
    db,
    'select portcullis.is_request_paid($1, $2, $3, $4) as paid',
    [organisation, identityKey, requestDigest, keyOfRequest(requestDigest)],
  );
  return onlyRow(rows).paid;
};

/** Under which an account knows a payment. */
export const keyOfPayment = (outpoint: Outpoint): string => `payment:${hexOf(outpoint)}`;

/** Under which a request is drawn for that is paid for once, however often it comes. */
export const keyOfRequest = (requestDigest: Buffer): string => `request:${requestDigest.toString('hex')}`;
