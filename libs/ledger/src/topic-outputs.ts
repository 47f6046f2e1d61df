import { makeOutpoint, readOutpoint, txidFromWire, txidToWire } from '#atomic-core';
import type { Outpoint, Txid } from '#atomic-core';
import { runStatement, wireHex } from './database';
import type { Database } from './database';
import type { TopicOutput } from './find-outputs';

export interface StatedOutput extends TopicOutput {
  /** Whoever spends it in the ledger; for one that its topic counts as unspent, a transaction that the topic was never shown. */
  readonly spentBy?: Txid;
  readonly retained: boolean;
  readonly transitionId: string;
}

export interface OutputPage {
  /** As the topic has it. `spent` is spent and not retained. */
  readonly state: 'unspent' | 'spent' | 'retained' | 'all';
  readonly txid?: Txid;
  /** A lookup key. */
  readonly key?: string;
  /** The last outpoint of the page before. */
  readonly after?: Outpoint;
  readonly limit: number;
}

export interface StoredOutput {
  readonly txid: Buffer;
  readonly vout: number;
  readonly satoshis: string;
  readonly script: Buffer;
  readonly transitionId: string;
  readonly retained: boolean;
  readonly spentBy: Buffer | null;
}

export const COLUMNS = `o.txid, o.vout, o.satoshis, o.locking_script as script, o.transition_id as "transitionId", o.retained`;
const SPENDER = `left join lateral (select s.spender_txid from portcullis.spent_outpoint s
  where s.outpoint = portcullis.make_outpoint(o.txid, o.vout) offset 0) spent on true`;
export const readStatedOutput = (row: StoredOutput): StatedOutput => {
  const txid = txidFromWire(row.txid);
  return {
    txid,
    vout: row.vout,
    outpoint: makeOutpoint(txid, row.vout),
    satoshis: Number(row.satoshis),
    lockingScript: row.script,
    transitionId: row.transitionId,
    retained: row.retained,
    ...(row.spentBy && { spentBy: txidFromWire(row.spentBy) }),
  };
};

/** What the topic holds in this state, without what was evicted or retracted, in the order of (txid, vout) bytes. */
export const listTopicOutputs = async (db: Database, topic: string, page: OutputPage): Promise<StatedOutput[]> => {
  const after = page.after && readOutpoint(page.after);
  const asked = {
    topic,
    state: page.state,
    limit: page.limit,
    ...(page.txid !== undefined && { txid: wireHex(page.txid) }),
    ...(page.key !== undefined && { key: page.key }),
    ...(after && { afterTxid: wireHex(after.txid), afterVout: after.vout }),
  };
  const rows = await runStatement<StoredOutput[]>(
    db,
    `select ${COLUMNS}, coalesce(o.spent_by, spent.spender_txid) as "spentBy" from portcullis.list_topic_outputs($1::jsonb) o ${SPENDER}
     order by o.txid, o.vout`,
    [JSON.stringify(asked)],
  );
  return rows.map(readStatedOutput);
};

export interface FoundOutput extends StatedOutput {
  readonly retracted: boolean;
  readonly evicted: { readonly leafIndex: number; readonly reason: string } | undefined;
}

/** One output, whatever became of it; undefined when the topic never admitted it. */
export const findTopicOutput = async (
  db: Database,
  topic: string,
  outpoint: Outpoint,
): Promise<FoundOutput | undefined> => {
  const { txid, vout } = readOutpoint(outpoint);
  const [row] = await runStatement<
    (StoredOutput & { retracted: boolean; evictedLeaf: string | null; evictedReason: string | null })[]
  >(
    db,
    `select ${COLUMNS}, coalesce(o.spent_by, spent.spender_txid) as "spentBy", o.retracted, o.evicted_leaf as "evictedLeaf",
       o.evicted_reason as "evictedReason"
     from portcullis.topic_output o ${SPENDER} where o.topic = $1 and o.txid = $2 and o.vout = $3`,
    [topic, txidToWire(txid), vout],
  );
  if (row === undefined) return undefined;
  const { retracted, evictedLeaf, evictedReason } = row;
  return {
    ...readStatedOutput(row),
    retracted,
    evicted:
      evictedLeaf !== null && evictedReason !== null
        ? { leafIndex: Number(evictedLeaf), reason: evictedReason }
        : undefined,
  };
};

/** What the submitter added for the topics and did not put on the chain; undefined when nothing. */
export const findOffChainValues = async (db: Database, transitionId: string): Promise<Buffer | undefined> => {
  const [row] = await runStatement<{ values: Buffer | null }[]>(
    db,
    'select t.off_chain_values as values from portcullis.transition t where t.id = $1',
    [transitionId],
  );
  return row?.values ?? undefined;
};
