import type { CommitInput } from '#ledger';
import { buildPlainTransaction, outpointOf, planPlainCommit, randomOutpoint } from './ledger-plans';
import type { PlainPlan, PlainTransaction } from './ledger-plans';

export type Kept = NonNullable<PlainPlan['keep']>[number];

/** A transaction that keeps each of these in its output of the same place, and its COMMIT. */
export const planStock = (
  kept: readonly Kept[],
  plan: Partial<PlainPlan> = {},
): { subject: PlainTransaction; input: CommitInput } => {
  const subject = buildPlainTransaction(
    [randomOutpoint()],
    kept.map(({ satoshis = 1_000 }) => satoshis),
  );
  return { subject, input: planPlainCommit({ subject, keep: kept, ...plan }) };
};

/** A transaction that spends these outputs of one that was admitted to `tm_test` whole, and its COMMIT. */
export const planSpend = (
  parent: PlainTransaction,
  vouts: readonly number[],
  plan: Partial<PlainPlan> & { readonly outputs?: Parameters<typeof buildPlainTransaction>[1] } = {},
): { subject: PlainTransaction; input: CommitInput } => {
  const { outputs = [1], ...rest } = plan;
  const subject = buildPlainTransaction(
    vouts.map((vout) => outpointOf(parent, vout)),
    outputs,
  );
  const coins = vouts.map((vout) => ({ txid: parent.txid, vout, retain: false }));
  return { subject, input: planPlainCommit({ subject, ancestors: [parent], coins, ...rest }) };
};
