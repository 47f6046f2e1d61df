import { txidFromWire, txidToWire } from '#atomic-core';
import type { Txid } from '#atomic-core';
import { runStatement } from './database';
import type { Database } from './database';

/** Those of `txids` that are applied to the topic and not retracted. */
export const findAppliedTxids = async (
  db: Database,
  topic: string,
  txids: readonly Txid[],
): Promise<ReadonlySet<Txid>> => {
  if (txids.length === 0) return new Set();
  const rows = await runStatement<{ txid: Buffer }[]>(
    db,
    `select a.txid from unnest($2::bytea[]) asked (txid)
     cross join lateral (select l.txid from portcullis.applied_transaction l where l.topic = $1 and l.txid = asked.txid offset 0) a`,
    [topic, txids.map(txidToWire)],
  );
  return new Set(rows.map(({ txid }) => txidFromWire(txid)));
};
