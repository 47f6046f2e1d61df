import { readTransaction, txidFromWire, txidToWire } from '#atomic-core';
import type { Satoshis, Transaction, Txid } from '#atomic-core';
import { onlyRow, runStatement, wireHex } from './database';
import type { Database } from './database';

/** What became of one admitted output in one topic. Positions are those of the topic's events. */
export interface OutputLife {
  readonly topic: string;
  readonly txid: Txid;
  readonly vout: number;
  readonly satoshis: Satoshis;
  readonly lockingScript: Buffer;
  /** The transition that admitted it last. */
  readonly transitionId: string;
  readonly admittedAt: number;
  readonly retracted: boolean;
  readonly evicted: boolean;
  /** The ledger knows a spender that this topic was never shown: an ancestor of something, or a payment. */
  readonly spentUnseen: boolean;
  readonly spent:
    { readonly by: Txid; readonly transitionId: string; readonly at: number; readonly retained: boolean } | undefined;
}

export interface OutputName {
  readonly txid: Txid;
  readonly vout: number;
}

interface LifeRow {
  readonly topic: string;
  readonly txid: Buffer;
  readonly vout: number;
  readonly satoshis: string;
  readonly script: Buffer;
  readonly transitionId: string;
  readonly admittedAt: string;
  readonly retracted: boolean;
  readonly evicted: boolean;
  readonly retained: boolean;
  readonly spentUnseen: boolean;
  readonly spentBy: Buffer | null;
  readonly spentIn: string | null;
  readonly spentAt: string | null;
}

const COLUMNS = `o.topic, o.txid, o.vout, o.satoshis, o.locking_script as script, o.transition_id as "transitionId", made.leaf_index as "admittedAt",
  o.retracted, o.evicted_leaf is not null as evicted, o.retained, o.spent_by as "spentBy", taken.id as "spentIn", taken.leaf_index as "spentAt",
  o.spent_by is null and claimed.there is not null as "spentUnseen"`;
const TRANSITIONS = `
  cross join lateral (select t.leaf_index from portcullis.transition t where t.id = o.transition_id offset 0) made
  left join lateral (select t.id, t.leaf_index from (
      select a.transition_id from portcullis.applied_transaction a where a.topic = o.topic and a.txid = o.spent_by offset 0) held
    cross join lateral (select h.id, h.leaf_index from portcullis.transition h where h.id = held.transition_id offset 0) t) taken on true
  left join lateral (select true as there from portcullis.spent_outpoint c where c.outpoint = portcullis.make_outpoint(o.txid, o.vout) offset 0) claimed
    on true`;

const readRow = ({
  txid,
  satoshis,
  script,
  admittedAt,
  retained,
  spentBy,
  spentIn,
  spentAt,
  ...row
}: LifeRow): OutputLife => ({
  ...row,
  txid: txidFromWire(txid),
  satoshis: Number(satoshis),
  lockingScript: script,
  admittedAt: Number(admittedAt),
  spent:
    spentBy !== null && spentIn !== null
      ? { by: txidFromWire(spentBy), transitionId: spentIn, at: Number(spentAt), retained }
      : undefined,
});

const writeNames = (outputs: readonly OutputName[]): string =>
  JSON.stringify(outputs.map(({ txid, vout }) => ({ txid: wireHex(txid), vout })));

/** Of these outputs, those that this topic admitted at any time; in their order. */
export const listLives = async (db: Database, topic: string, outputs: readonly OutputName[]): Promise<OutputLife[]> => {
  if (outputs.length === 0) return [];
  const rows = await runStatement<LifeRow[]>(
    db,
    `select ${COLUMNS} from jsonb_array_elements($2::jsonb) with ordinality asked (named, place)
     cross join lateral (select h.* from portcullis.topic_output h where h.topic = $1
       and h.txid = decode(asked.named->>'txid', 'hex') and h.vout = (asked.named->>'vout')::int offset 0) o
     ${TRANSITIONS} order by asked.place`,
    [topic, writeNames(outputs)],
  );
  return rows.map(readRow);
};

/** Outputs in every topic that admitted them at any time; of one output oldest first, the outputs in their order. */
export const listLivesEverywhere = async (db: Database, outputs: readonly OutputName[]): Promise<OutputLife[]> => {
  if (outputs.length === 0) return [];
  const rows = await runStatement<LifeRow[]>(
    db,
    `select ${COLUMNS} from jsonb_array_elements($1::jsonb) with ordinality asked (named, place)
     cross join portcullis.topic_state s
     cross join lateral (select h.* from portcullis.topic_output h where h.topic = s.topic
       and h.txid = decode(asked.named->>'txid', 'hex') and h.vout = (asked.named->>'vout')::int offset 0) o
     ${TRANSITIONS} order by asked.place, made.leaf_index, o.topic`,
    [writeNames(outputs)],
  );
  return rows.map(readRow);
};

/** Whether anything stands on what this transaction retained: an output of its own in the topic, or what those led to. See {@link listReleasedHistory}. */
export const isNeededBySpender = async (db: Database, topic: string, spender: Txid): Promise<boolean> =>
  onlyRow(
    await runStatement<{ needed: boolean }[]>(db, `select not portcullis.is_used_up($1, $2, $3, '{}') as needed`, [
      topic,
      txidToWire(spender),
      Number.MAX_SAFE_INTEGER,
    ]),
  ).needed;

/** One stored transaction, without what it rests on. */
export const findTransaction = async (db: Database, txid: Txid): Promise<Transaction | undefined> => {
  const [row] = await runStatement<{ raw: Buffer }[]>(
    db,
    'select t.raw from portcullis.transaction t where t.txid = $1',
    [txidToWire(txid)],
  );
  if (row === undefined) return undefined;
  const read = readTransaction(row.raw);
  // Only verified transactions are stored, so this is a fault of ours.
  if (!read.ok) throw new Error(`Stored transaction ${txid} does not read: ${read.rejection.detail}`);
  return read.value;
};
