import { makeOutpoint, readOutpoint, txidFromWire, txidToWire } from '#atomic-core';
import type { Outpoint } from '#atomic-core';
import { hexOf, runStatement } from './database';
import type { Database } from './database';
import { COLUMNS, readStatedOutput } from './topic-outputs';
import type { StatedOutput, StoredOutput } from './topic-outputs';

/** The retained coins that the transaction of this output spent in this topic: one level of its history, in the order of (txid, vout) bytes. */
export const listHistory = async (db: Database, topic: string, outpoint: Outpoint): Promise<StatedOutput[]> => {
  const rows = await runStatement<StoredOutput[]>(
    db,
    `select ${COLUMNS}, o.spent_by as "spentBy" from (select h.* from portcullis.topic_output h where h.spent_by = $2 offset 0) o
     where o.topic = $1 and o.retained and not o.retracted and o.evicted_leaf is null order by o.txid, o.vout`,
    [topic, txidToWire(readOutpoint(outpoint).txid)],
  );
  return rows.map(readStatedOutput);
};

export interface ReleasePage {
  /** Of the event that removed the coins. What was spent after it does not count yet: whoever reads late is told the same. */
  readonly position: number;
  /** So many were told already. */
  readonly skip?: number;
  readonly limit: number;
}

/**
 * The retained coins that are no longer history of anything, since `coins` (all those that one event spent and did not retain) were removed: those that a
 * transaction spent of whose outputs in the topic nothing is left, and so on towards the first. Each once over all events, nearest first. A look, not a
 * change: the ledger keeps what was retained. See ops/decisions/0030.
 */
export const listReleasedHistory = async (
  db: Database,
  topic: string,
  coins: readonly Outpoint[],
  { position, skip = 0, limit }: ReleasePage,
): Promise<Outpoint[]> => {
  const rows = await runStatement<{ txid: Buffer; vout: number }[]>(
    db,
    `select r.txid, r.vout from portcullis.list_released($1, array(select decode(hex, 'hex') from jsonb_array_elements_text($2::jsonb) hex), $3, $4, $5)
       with ordinality r (txid, vout, place) order by r.place`,
    [topic, JSON.stringify(coins.map(hexOf)), position, skip, limit],
  );
  return rows.map(({ txid, vout }) => makeOutpoint(txidFromWire(txid), vout));
};
