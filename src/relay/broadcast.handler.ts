import type { GraphTransaction, Txid } from '#atomic-core';
import { findGraph } from '#ledger';
import { done } from './relay-context';
import type { RelayContext, RowOutcome } from './relay-context';
import { sendWithAncestors } from './send-with-ancestors';
import type { SendOutcome } from './send-with-ancestors';
import { settleOutcome } from './settle-outcome';
import { settleProof } from './settle-proof';

/**
 * A refusal undoes a COMMIT and all that was built on it, so one answer is not enough. A transaction that the network has had for long is refused
 * when it is sent again (its inputs are spent: by itself), so the status is asked for too: unless that agrees, or says that the broadcaster does not
 * have the transaction, it is not a refusal. Asked is always of the transaction that was refused: the subject, or an ancestor that was sent first.
 */
export const sendAndConfirm = async (
  context: RelayContext,
  txid: Txid,
  graph: readonly GraphTransaction[],
): Promise<SendOutcome> => {
  const subject = graph.at(-1);
  if (subject === undefined) return { txid, outcome: { kind: 'unknown', detail: 'the transaction is not stored' } };
  const sent = await sendWithAncestors(context, subject, graph);
  if (sent.outcome.kind !== 'refused') return sent;
  const { absent, outcome } = await context.broadcaster.fetchStatus(sent.txid, context.stopping);
  if (absent || outcome.kind === 'refused') return sent;
  if (outcome.kind === 'unknown')
    return { txid, outcome: { kind: 'unknown', detail: `refusal not confirmed: ${outcome.detail}` } };
  if (sent.txid === txid) return { txid, outcome };
  return { txid, outcome: { kind: 'unknown', detail: `ancestor ${sent.txid} was refused and is ${outcome.kind}` } };
};

/** Row kind `broadcast`: puts a transaction on the network. */
export const handleBroadcast = async (context: RelayContext, txid: Txid): Promise<RowOutcome> => {
  const graph = await findGraph(context.database, txid);
  const subject = graph.at(-1);
  if (subject === undefined) return { kind: 'park', reason: 'the transaction is not stored' };
  // Proven when it was submitted: the network has nothing to learn from us.
  if (subject.bump !== undefined && (await settleProof(context, txid, subject.bump.bytes)) === 'settled') return done;
  return settleOutcome(context, await sendAndConfirm(context, txid, graph));
};
