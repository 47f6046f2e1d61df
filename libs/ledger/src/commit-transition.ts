import { accept } from '#atomic-core';
import type { PlannedTopic, Result } from '#atomic-core';
import { writeOutbox, writePayment, writeSpends, writeTransactions } from './commit-input';
import type { CommitInput, Receipt } from './commit-input';
import { hexOf, onlyRow, runRefusable, wireHex } from './database';
import type { Database } from './database';
import { listMoves } from './settlement';

export interface CommitOutcome {
  /** `replayed`: the same request was applied before; nothing changed and the receipt is the first one, byte for byte. */
  readonly kind: 'applied' | 'replayed';
  readonly receipt: Receipt;
  readonly transitionId: string;
  readonly leafIndex: number;
}

const writeTopic = ({ topic, admit, coins }: PlannedTopic): unknown => ({
  topic,
  admit: admit.map(({ vout, satoshis, lockingScript, lookupKeys }) => ({
    vout,
    satoshis,
    script: hexOf(lockingScript),
    keys: lookupKeys,
  })),
  coins: coins.map(({ txid, vout, retain }) => ({ txid: wireHex(txid), vout, retain })),
});

const writeCommit = (input: CommitInput): string => {
  const { transition, payment } = input;
  return JSON.stringify({
    ...transition,
    requestDigest: hexOf(transition.requestDigest),
    txid: wireHex(transition.txid),
    transactions: writeTransactions(input.transactions),
    spends: writeSpends(input.spends),
    plans: input.topics.map(writeTopic),
    baskets: input.baskets.add.map(({ vout, basket, satoshis, lockingScript }) => ({
      vout,
      basket,
      satoshis,
      script: hexOf(lockingScript),
    })),
    ...(payment && { payment: writePayment(payment) }),
    outbox: writeOutbox(input.outbox),
    mined: listMoves('mined'),
    leaf: hexOf(input.leaf),
    receipt: input.receipt,
  });
};

/**
 * THE COMMIT: one statement, all or none. Everything that a submission changes is in it; everything that follows is a row of its outbox.
 * A transaction that is in a block of our best chain is settled `mined` here; any other waits for the relay.
 * Refusals: `idempotency-conflict`, `already-applied`, `outpoint-spent` (names the winner), `parent-retracted`, `coins-changed` (plan again),
 * `chain-unsettled` (a proof's block left the best chain since it was judged), `payment-*`. After any refusal nothing is stored.
 * See ops/decisions/0003-the-commit-is-one-plpgsql-call.md.
 */
export const commitTransition = async (db: Database, input: CommitInput): Promise<Result<CommitOutcome>> => {
  const committed = await runRefusable<{ outcome: CommitOutcome }[]>(
    db,
    'select portcullis.commit_transition($1::jsonb) as outcome',
    [writeCommit(input)],
  );
  return committed.ok ? accept(onlyRow(committed.value).outcome) : committed;
};
