import {
  accept,
  makeOutpoint,
  planTransition,
  txidFromWire,
  type PlanExplanation,
  type Rejection,
  type TopicManager,
  type TopicQuestion,
  type Txid,
  type VerifiedTransaction,
} from '#atomic-core';
import {
  findApplied,
  findCoins,
  findConflict,
  findReserved,
  findWinner,
  listLeavingBaskets,
  listRivals,
  listSpends,
  type Database,
  type Spend,
} from '#ledger';
import type { Caller } from '../identity';
import { writeQuestion, type Submission } from '../submissions';

export interface PlanQuestion {
  readonly caller: Pick<Caller, 'organisation' | 'identityKey'>;
  readonly transaction: VerifiedTransaction;
  readonly managers: readonly TopicManager[];
  readonly submission: Submission;
}

export type ForeseenPlan =
  | { readonly ok: true; readonly plan: PlanExplanation }
  | { readonly ok: false; readonly rejection: Rejection; readonly spentBy: Txid | undefined };

/** Runs what it is given in one read-only transaction, so that all it reads is of one moment. */
export type ReadMoment = <T>(read: (database: Database) => Promise<T>) => Promise<T>;

interface Sight {
  readonly topics: readonly TopicQuestion[];
  readonly leaving: readonly Txid[];
}

/**
 * What a submission would be told now, found with the functions that a submission uses and with nothing that writes. The topics are asked between two
 * moments, as by a submission: a topic of somebody else may take its time, and a connection is not held for it.
 */
export async function foreseePlan(read: ReadMoment, question: PlanQuestion): Promise<ForeseenPlan> {
  const { caller, transaction, managers, submission } = question;
  const { subject, transactions } = transaction;
  const seen = await read((database) => look(database, question));
  if ('ok' in seen) return seen;
  const { topics, leaving } = seen;
  const planned = await planTransition({ transaction, topics, ...writeQuestion(submission) });
  const { organisation } = caller;
  const spends = listSpends(transactions);
  const state = { organisation, txid: subject.txid, topics: managers.map(({ name }) => name) };
  return read(async (database) => {
    const applied = await findApplied(database, { ...state, baskets: planned.ok ? planned.value.baskets : [] });
    if (!applied.ok) return refuseWith(applied.rejection);
    // A topic judges the whole of the subject.
    if (!planned.ok) return refuseWith({ ...planned.rejection, at: { ...planned.rejection.at, txid: subject.txid } });
    const { reservation } = submission;
    const reserved = subject.bump
      ? accept(undefined)
      : await findReserved(database, { ...caller, reservation }, spends);
    if (!reserved.ok) return refuseWith({ ...reserved.rejection, at: { txid: subject.txid } });
    const { steak, baskets } = planned.value;
    const added = baskets.map(({ vout, basket }) => ({ basket, outpoint: `${subject.txid}.${vout}` }));
    const removed = await listLeavingBaskets(database, organisation, spends);
    return {
      ok: true,
      plan: { topics: state.topics, admittance: steak, baskets: { added, removed }, displaces: leaving },
    };
  });
}

async function look(database: Database, { transaction, managers }: PlanQuestion): Promise<Sight | ForeseenPlan> {
  const { subject, transactions } = transaction;
  const spends = listSpends(transactions);
  // What is in a block outweighs whatever was applied before the block was known: a submission has the rivals of a proven subject retracted first.
  const rivals = subject.bump === undefined ? [] : await listRivals(database, spends);
  const proven = rivals.find(({ canLeave }) => !canLeave);
  if (proven !== undefined) return refuseWith(writeProvenRival(proven.txid, subject.txid), proven.txid);
  if (subject.bump === undefined) {
    const conflict = await findConflict(database, transactions, spends);
    if (!conflict.ok) return refuseWith(conflict.rejection, await findHolder(database, conflict.rejection, spends));
  }
  const leaving = rivals.map(({ txid }) => txid);
  const outpoints = subject.inputs.map(({ parentTxid, parentVout }) => makeOutpoint(parentTxid, parentVout));
  const topics = [];
  for (const manager of managers) {
    topics.push({ manager, coins: await findCoins(database, manager.name, outpoints, leaving) });
  }
  return { topics, leaving };
}

async function findHolder(
  database: Database,
  { code }: Rejection,
  spends: readonly Spend[],
): Promise<Txid | undefined> {
  if (code !== 'outpoint-spent') return undefined;
  const held = await findWinner(database, spends);
  return held && txidFromWire(held.winner);
}

const writeProvenRival = (rival: Txid, txid: Txid): Rejection => ({
  code: 'outpoint-spent',
  detail: `an output that it spends is spent by ${rival}, which is proven or stands under what is`,
  at: { txid },
});

const refuseWith = (rejection: Rejection, spentBy?: Txid): ForeseenPlan => ({ ok: false, rejection, spentBy });
