import type { Steak, Txid } from '#atomic-core';
import { runStatement, wireHex } from './database';
import type { Database } from './database';

/**
 * What these topics admitted of a transaction when it was applied to them, by whoever's request: the STEAK of the COMMIT that did it. A topic that has
 * not applied it, or has taken it back, is absent.
 */
export const findAdmittances = async (
  db: Database,
  txid: Txid,
  topics: readonly string[],
): Promise<Map<string, Steak>> => {
  const rows = await runStatement<{ topic: string; steak: Steak | null }[]>(
    db,
    `select a.topic, t.receipt->'admittance'->a.topic as steak from jsonb_array_elements_text($2::jsonb) asked (topic)
     cross join lateral (select l.* from portcullis.applied_transaction l where l.topic = asked.topic and l.txid = decode($1, 'hex') offset 0) a
     cross join lateral (select r.receipt from portcullis.transition r where r.id = a.transition_id offset 0) t`,
    [wireHex(txid), JSON.stringify(topics)],
  );
  return new Map(rows.flatMap(({ topic, steak }) => (steak === null ? [] : [[topic, steak] as const])));
};
