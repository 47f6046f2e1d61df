import type { GraphTransaction, Txid } from '#atomic-core';
import { findGraph } from '#ledger';
import type { BroadcastOutcome } from '#ports';
import { done } from './relay-context';
import type { RelayContext, RowOutcome } from './relay-context';
import { sendWithAncestors } from './send-with-ancestors';
import { settleOutcome } from './settle-outcome';
import { settleProof } from './settle-proof';

/**
 * A refusal undoes a COMMIT and all that was built on it, so one answer is not enough. A transaction that the network has had for long is refused
 * when it is sent again (its inputs are spent: by itself), so the status is asked for too: unless that agrees, or says that the broadcaster does not
 * have the transaction, it is not a refusal.
 */
export const sendAndConfirm = async (
  context: RelayContext,
  txid: Txid,
  graph: readonly GraphTransaction[],
): Promise<BroadcastOutcome> => {
  const sent = await sendWithAncestors(context, graph);
  if (sent.kind !== 'refused') return sent;
  const status = await context.broadcaster.fetchStatus(txid, context.stopping);
  if (status.absent || status.outcome.kind === 'refused') return sent;
  if (status.outcome.kind === 'unknown')
    return { kind: 'unknown', detail: `refusal not confirmed: ${status.outcome.detail}` };
  return status.outcome;
};

/** Row kind `broadcast`: puts a transaction on the network. */
export const handleBroadcast = async (context: RelayContext, txid: Txid): Promise<RowOutcome> => {
  const graph = await findGraph(context.database, txid);
  const subject = graph.at(-1);
  if (subject === undefined) return { kind: 'park', reason: 'the transaction is not stored' };
  // Proven when it was submitted: the network has nothing to learn from us.
  if (subject.bump !== undefined && (await settleProof(context, txid, subject.bump.bytes)) === 'settled') return done;
  return settleOutcome(context, txid, await sendAndConfirm(context, txid, graph));
};
