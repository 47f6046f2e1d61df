import type { Txid } from '#atomic-core';
import { findGraph } from '#ledger';
import { sendAndConfirm } from './broadcast.handler';
import { done } from './relay-context';
import type { RelayContext, RowOutcome } from './relay-context';
import { settleOutcome } from './settle-outcome';
import { settleProof } from './settle-proof';

/** Row kind `proof`: polls a broadcast transaction until its BUMP verifies. The backstop of callbacks, and the way back after a reorg. */
export const handleProof = async (context: RelayContext, txid: Txid): Promise<RowOutcome> => {
  const status = await context.broadcaster.fetchStatus(txid, context.stopping);
  if (status.bump !== undefined && (await settleProof(context, txid, status.bump)) !== 'unproven') return done;

  const { outcome } = status;
  // Lost, orphaned or refused: send it again. That heals the first two and confirms or contradicts the third.
  const resend = status.absent || outcome.kind === 'ancestors-missing' || outcome.kind === 'refused';
  if (!resend && outcome.kind === 'unknown') return { kind: 'poll', reason: outcome.detail };
  const settled = await settleOutcome(
    context,
    resend ? await sendAndConfirm(context, txid, await findGraph(context.database, txid)) : { txid, outcome },
  );
  if (settled.kind === 'done' && settled.pollProof) return { kind: 'poll', reason: `no proof yet (${outcome.kind})` };
  return settled.kind === 'retry' ? { kind: 'poll', reason: settled.reason } : settled;
};
