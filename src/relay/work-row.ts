import type { Txid } from '#atomic-core';
import { claimOutboxRow, completeOutboxRow, deferOutboxRow, parkOutboxRow } from '#ledger';
import type { OutboxRow } from '#ledger';
import { startTimeBudget } from '../egress';
import { withSpan } from '../telemetry';
import { pollDelayMs, retryDelayMs } from './backoff';
import { handleBroadcast } from './broadcast.handler';
import { handleProof } from './proof.handler';
import type { RelayContext, RowOutcome } from './relay-context';

/** A handler is cut off before its lease runs out, so no row is ever worked on by two who both know it. */
export const LEASE_MS = 60_000;
const HANDLER_MS_MAX = 50_000;
/** With full jitter up to ten minutes: a broadcaster may be away for about eight hours before its rows want a person. */
export const ATTEMPTS_MAX = 100;

const handlers: Readonly<Record<string, (context: RelayContext, txid: Txid) => Promise<RowOutcome>>> = {
  broadcast: handleBroadcast,
  proof: handleProof,
};

/** The row whose handler ran to the end; `settled` is false when another holder had taken the row over by then. */
export interface WorkedRow {
  readonly row: OutboxRow;
  readonly outcome: RowOutcome;
  readonly settled: boolean;
}

const handle = async (context: RelayContext, row: OutboxRow): Promise<RowOutcome> => {
  const handler = Object.hasOwn(handlers, row.kind) ? handlers[row.kind] : undefined;
  const { txid, attempts } = row;
  if (handler === undefined || txid === undefined) return { kind: 'park', reason: `no handler for ${row.kind}` };
  const budget = startTimeBudget(HANDLER_MS_MAX, context.stopping);
  try {
    const within = { ...context, stopping: budget.signal };
    // Named after a handler of ours, never after whatever a row holds.
    return await withSpan(`relay.${row.kind}`, { txid, attempts }, () => handler(within, txid));
  } catch (error) {
    // A fault of ours or of the database: logged once here, and the row tries again; it must not take the relay down.
    context.log.write('error', 'an outbox row failed', { outboxId: row.id, kind: row.kind, txid, error });
    return { kind: 'retry', reason: error instanceof Error ? error.name : 'fault' };
  } finally {
    budget.end();
  }
};

const settle = async (
  { database, pollMs, stopping, log }: RelayContext,
  row: OutboxRow,
  outcome: RowOutcome,
): Promise<boolean> => {
  switch (outcome.kind) {
    case 'done': {
      const followUps =
        outcome.pollProof && row.txid !== undefined
          ? [{ kind: 'proof', dedupeKey: `proof:${row.txid}`, payload: { txid: row.txid } }]
          : [];
      return completeOutboxRow(database, row, followUps);
    }
    case 'poll':
      return deferOutboxRow(database, row, pollDelayMs(row.attempts, pollMs), outcome.reason);
    case 'retry':
      // Cut off by our own stop: the next process need not wait.
      if (stopping.aborted) return deferOutboxRow(database, row, 0, 'the relay stopped');
      if (row.attempts < ATTEMPTS_MAX) return deferOutboxRow(database, row, retryDelayMs(row.attempts), outcome.reason);
      break;
    case 'cancelled':
      await completeOutboxRow(database, row); // already gone, unless the retraction left it
      return true;
    case 'park':
      break;
  }
  log.write('error', 'an outbox row is parked', {
    outboxId: row.id,
    kind: row.kind,
    txid: row.txid,
    reason: outcome.reason,
  });
  return parkOutboxRow(database, row, `${outcome.reason} (after ${row.attempts} attempts)`);
};

/**
 * Leases one row, works on it and settles it. Undefined when the row is not due or not ours: queues may wake a worker twice, and that is harmless,
 * because only the lease counts. No transaction is open while the network is asked.
 */
export const workRow = async (context: RelayContext, id: string): Promise<WorkedRow | undefined> => {
  const row = await claimOutboxRow(context.database, id, LEASE_MS);
  if (row === undefined) return undefined;
  const outcome = await handle(context, row);
  const settled = await settle(context, row, outcome);
  if (!settled)
    context.log.write('warn', 'an outbox lease ran out before its work was settled', {
      outboxId: row.id,
      txid: row.txid,
    });
  return { row, outcome, settled };
};
