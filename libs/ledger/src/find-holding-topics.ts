import { readOutpoint, txidFromWire, txidToWire } from '#atomic-core';
import type { Outpoint, Txid } from '#atomic-core';
import { runStatement } from './database';
import type { Database } from './database';

/** Topics that admitted this output and neither took it back nor evicted it, spent or not, in the order of their names. */
export const findHoldingTopics = async (db: Database, outpoint: Outpoint): Promise<string[]> => {
  const { txid, vout } = readOutpoint(outpoint);
  const rows = await runStatement<{ topic: string }[]>(
    db,
    `select o.topic from portcullis.topic_output o where o.txid = $1 and o.vout = $2 and not o.retracted and o.evicted_leaf is null order by o.topic`,
    [txidToWire(txid), vout],
  );
  return rows.map(({ topic }) => topic);
};

/**
 * The transactions that these spend outputs of, each once and at most `limit`: known of every transaction that was ever a subject, and of every ancestor that
 * came without a proof. So it leads back through the history of topics, and from each of it to its first proven ancestors, and no further.
 */
export const listSpentTxids = async (db: Database, spenders: readonly Txid[], limit: number): Promise<Txid[]> => {
  const rows = await runStatement<{ txid: Buffer }[]>(
    db,
    `select distinct spent.txid from unnest($1::bytea[]) asked (txid)
     cross join lateral (select substring(s.outpoint from 1 for 32) as txid from portcullis.spent_outpoint s where s.spender_txid = asked.txid offset 0) spent
     limit $2`,
    [spenders.map(txidToWire), limit],
  );
  return rows.map(({ txid }) => txidFromWire(txid));
};
