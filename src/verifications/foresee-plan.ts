import {
  makeOutpoint,
  planTransition,
  txidFromWire,
  type PlanExplanation,
  type Rejection,
  type TopicManager,
  type Txid,
  type VerifiedTransaction,
} from '#atomic-core';
import {
  findApplied,
  findCoins,
  findConflict,
  findWinner,
  listLeavingBaskets,
  listRivals,
  listSpends,
  type Database,
  type Spend,
} from '#ledger';

export interface PlanQuestion {
  readonly organisation: string;
  readonly transaction: VerifiedTransaction;
  readonly managers: readonly TopicManager[];
  readonly baskets: ReadonlyMap<number, string>;
}

export type ForeseenPlan =
  | { readonly ok: true; readonly plan: PlanExplanation }
  | { readonly ok: false; readonly rejection: Rejection; readonly spentBy: Txid | undefined };

/**
 * What a submission would be told now, found with the functions that a submission uses and with nothing that writes. `database` MUST be one read-only
 * transaction, so that coins, spends and baskets are of one moment.
 */
export async function foreseePlan(database: Database, question: PlanQuestion): Promise<ForeseenPlan> {
  const { organisation, transaction, managers } = question;
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
  const planned = await makePlan(database, question, leaving);
  const state = { organisation, txid: subject.txid, topics: managers.map(({ name }) => name) };
  const applied = await findApplied(database, { ...state, baskets: planned.ok ? planned.value.baskets : [] });
  if (!applied.ok) return refuseWith(applied.rejection);
  // A topic judges the whole of the subject.
  if (!planned.ok) return refuseWith({ ...planned.rejection, at: { txid: subject.txid } });
  const { steak, baskets } = planned.value;
  const added = baskets.map(({ vout, basket }) => ({ basket, outpoint: `${subject.txid}.${vout}` }));
  const removed = await listLeavingBaskets(database, organisation, spends);
  return {
    ok: true,
    plan: { topics: state.topics, admittance: steak, baskets: { added, removed }, displaces: leaving },
  };
}

async function makePlan(
  database: Database,
  { transaction, managers, baskets }: PlanQuestion,
  leaving: readonly Txid[],
): Promise<ReturnType<typeof planTransition>> {
  const outpoints = transaction.subject.inputs.map(({ parentTxid, parentVout }) =>
    makeOutpoint(parentTxid, parentVout),
  );
  const topics = [];
  for (const manager of managers) {
    topics.push({ manager, coins: await findCoins(database, manager.name, outpoints, leaving) });
  }
  return planTransition({ transaction, topics, baskets });
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
