import { accept } from '#atomic-core';
import type { PlannedBasketOutput, PlannedTopic, Result } from '#atomic-core';
import {
  writeOutbox,
  writeDraw,
  writePaid,
  writeProposal,
  writeReliances,
  writeSpends,
  writeTransactions,
} from './commit-input';
import type { CommitInput, Receipt } from './commit-input';
import { hexOf, onlyRow, readRefusal, runRefusable, wireHex } from './database';
import type { Database } from './database';
import { prepareStatement } from './prepared';
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

const writeBasketOutput = ({ lockingScript, customInstructions, ...output }: PlannedBasketOutput): unknown => ({
  ...output,
  script: hexOf(lockingScript),
  ...(customInstructions !== undefined && { instructions: customInstructions }),
});

const writeCommit = (input: CommitInput): unknown => {
  const { transition, payment, draw, reservation, offer, proposal, relies = [] } = input;
  const { offChainValues, policyVersion, labels = [], ...named } = transition;
  return {
    ...named,
    labels,
    ...(offChainValues && { offChainValues: hexOf(offChainValues) }),
    ...(policyVersion && { policyVersion: hexOf(policyVersion) }),
    requestDigest: hexOf(transition.requestDigest),
    txid: wireHex(transition.txid),
    transactions: writeTransactions(input.transactions),
    spends: writeSpends(input.spends),
    plans: input.topics.map(writeTopic),
    baskets: input.baskets.add.map(writeBasketOutput),
    ...(payment && writePaid(payment)),
    ...(draw && { draw: writeDraw(draw) }),
    ...(reservation !== undefined && { reservation }),
    ...(offer && { offer: { id: offer.id, digest: hexOf(offer.termsDigest) } }),
    ...(proposal && { proposal: writeProposal(proposal) }),
    ...(relies.length > 0 && { relies: writeReliances(relies) }),
    outbox: writeOutbox(input.outbox),
    mined: listMoves('mined'),
    leaf: hexOf(input.leaf),
    receipt: input.receipt,
  };
};

const COMMIT = prepareStatement('select portcullis.commit_transition($1::jsonb) as outcome');
const COMMIT_PROPOSAL = prepareStatement('select portcullis.commit_proposal($1::jsonb) as outcome');

/**
 * THE COMMIT: one statement, all or none. Everything that a submission changes is in it; everything that follows is a row of its outbox.
 * A transaction that is in a block of our best chain is settled `mined` here; any other waits for the relay.
 * Refusals: `idempotency-conflict`, `already-applied`, `outpoint-spent` (names the winner), `parent-retracted`, `coins-changed` (plan again),
 * `chain-unsettled` (a proof's block left the best chain since it was judged), `payment-*`, `account-exhausted` (ask for the price again), `certificate-revoked`, `revocation-unknown`; of a proposal also
 * `proposal-ended`, `approval-lapsed` (count again), `quorum-incomplete`. After any refusal nothing is stored.
 * See ops/decisions/0003-the-commit-is-one-plpgsql-call.md.
 */
export const commitTransition = async (db: Database, input: CommitInput): Promise<Result<CommitOutcome>> => {
  const statement = input.proposal === undefined ? COMMIT : COMMIT_PROPOSAL;
  const asked = JSON.stringify(writeCommit(input));
  const committed = await runRefusable<{ outcome: CommitOutcome }[]>(db, statement, [asked]);
  return committed.ok ? accept(onlyRow(committed.value).outcome) : committed;
};

const COMMIT_GROUP = prepareStatement('select portcullis.commit_transitions($1::jsonb) as answers');

type GroupAnswer = CommitOutcome | { readonly refused: string; readonly detail: string | null };

/**
 * Many COMMITs in one statement, in the order given and each as {@link commitTransition} would answer it: a refused one leaves no trace, its neighbours
 * stand, and each sees what those before it changed. Refused as a whole (`database-unavailable`, `request-malformed`) or thrown, nothing of it is stored.
 * See ops/decisions/0025-a-batch-is-committed-in-groups.md.
 */
export const commitTransitions = async (
  db: Database,
  inputs: readonly CommitInput[],
): Promise<Result<readonly Result<CommitOutcome>[]>> => {
  // A group would apply it and leave the proposal open.
  if (inputs.some(({ proposal }) => proposal !== undefined)) throw new Error('A proposal is committed alone.');
  const committed = await runRefusable<{ answers: GroupAnswer[] }[]>(db, COMMIT_GROUP, [
    JSON.stringify(inputs.map(writeCommit)),
  ]);
  if (!committed.ok) return committed;
  const { answers } = onlyRow(committed.value);
  return accept(
    answers.map((answer) => ('refused' in answer ? readRefusal(answer.refused, answer.detail) : accept(answer))),
  );
};
