import type { Txid } from '#atomic-core';
import { recordSettlement, retractTransition } from '#ledger';
import type { BroadcastOutcome } from '#ports';
import type { RelayContext, RowOutcome } from './relay-context';
import type { SendOutcome } from './send-with-ancestors';

/** Words of a broadcaster that mean a miner's node has it. MINED is among them: it is `mined` only with a proof. */
const SEEN = new Set(['SEEN_ON_NETWORK', 'SEEN_MULTIPLE_NODES', 'MINED', 'MINED_IN_STALE_BLOCK', 'IMMUTABLE']);

const record = async (
  context: RelayContext,
  txid: Txid,
  status: string,
  competingTxids: readonly string[],
): Promise<void> => {
  const event = SEEN.has(status) ? 'seen' : 'broadcast-accepted';
  const detail = {
    broadcaster: context.broadcaster.name,
    status,
    ...(competingTxids.length > 0 ? { competingTxids } : {}),
  };
  const moved = await recordSettlement(context.database, txid, event, detail);
  if (moved > 0) context.metrics.countSettlement(event === 'seen' ? 'seen' : 'broadcast');
};

const retract = async (
  context: RelayContext,
  txid: Txid,
  outcome: BroadcastOutcome & { kind: 'refused' },
): Promise<RowOutcome> => {
  const reason = `${context.broadcaster.name} ${outcome.status}: ${outcome.detail}`;
  const retracted = await retractTransition(context.database, txid, reason);
  for (const each of retracted) {
    context.metrics.countSettlement('retracted');
    context.log.write('warn', 'a transition is retracted', { txid: each, because: txid, reason });
  }
  if (retracted.length > 0) return { kind: 'cancelled' };
  // Proven, or built upon by something proven: the chain outweighs the answer, and a person should see the contradiction.
  return { kind: 'park', reason: `refused, but nothing can be retracted: ${reason}` };
};

/** Turns what the network said into what it means for the transaction that it spoke of and for the row that asked. */
export const settleOutcome = async (context: RelayContext, { txid, outcome }: SendOutcome): Promise<RowOutcome> => {
  switch (outcome.kind) {
    case 'accepted':
      await record(context, txid, outcome.status, []);
      return { kind: 'done', pollProof: true };
    case 'contested':
      // Either transaction may still be mined: the broadcaster has it, nothing is taken back, polling tells.
      await record(context, txid, outcome.status, outcome.competingTxids);
      context.log.write('warn', 'a transaction is contested', { txid, competingTxids: outcome.competingTxids });
      return { kind: 'done', pollProof: true };
    case 'refused':
      return retract(context, txid, outcome);
    case 'ancestors-missing':
      return { kind: 'retry', reason: `ancestors missing: ${outcome.detail}` };
    case 'unknown':
      return { kind: 'retry', reason: outcome.detail };
  }
};
