import { txidFromWire } from '#atomic-core';
import type { Txid } from '#atomic-core';
import { runStatement } from './database';
import type { Database } from './database';

/** An unspent output and its place in the order of COMMITs: a later COMMIT scores higher, and so does a later output of one transaction. */
export interface ScoredTopicOutput {
  readonly txid: Txid;
  readonly vout: number;
  readonly score: number;
}

/** More than a transaction may have outputs, so that no two outputs of a topic share a score: a page may end anywhere. */
const SCORES_PER_EVENT = 2_048;
/** A topic with no more than these unspent is sorted; in any other the events are walked. */
const SORTED_OUTPUTS_MAX = 20_000;
const WALKED_EVENTS = 5_000;
/** Events after which a walk ends with what it found; one that found nothing goes on, since an empty page says that there is no more. */
const PATIENCE_EVENTS = 50_000;

interface ScoredRow {
  readonly txid: Buffer;
  readonly vout: number;
  readonly score: string;
}

const readRow = ({ txid, vout, score }: ScoredRow): ScoredTopicOutput => ({
  txid: txidFromWire(txid),
  vout,
  score: Number(score),
});

/** Spent in the ledger counts, though the topic was not shown the spender. */
const UNSPENT = `o.spent_by is null and not o.retracted and o.evicted_leaf is null`;
const NOT_SPENT_ELSEWHERE = `not exists (select from portcullis.spent_outpoint s where s.outpoint = portcullis.make_outpoint(o.txid, o.vout))`;

const listSorted = async (db: Database, topic: string, { after, limit }: ScorePage): Promise<ScoredTopicOutput[]> => {
  const rows = await runStatement<ScoredRow[]>(
    db,
    `select o.txid, o.vout, (t.leaf_index + 1) * ${SCORES_PER_EVENT} + o.vout as score
     from (select o.* from portcullis.topic_output o where o.topic = $1 and ${UNSPENT}
       and (case when o.spent_by is null then 'unspent' when o.retained then 'retained' else 'spent' end) = 'unspent' offset 0) o
     cross join lateral (select m.leaf_index from portcullis.transition m where m.id = o.transition_id offset 0) t
     where (t.leaf_index + 1) * ${SCORES_PER_EVENT} + o.vout > $2 and ${NOT_SPENT_ELSEWHERE}
     order by score limit $3`,
    [topic, after, limit],
  );
  return rows.map(readRow);
};

interface WalkedPage {
  readonly found: ScoredTopicOutput[];
  readonly last: number | undefined;
}

/** The outputs of the next events after `position` that are still unspent. */
const walkEvents = async (db: Database, topic: string, position: number): Promise<WalkedPage> => {
  const rows = await runStatement<(Partial<ScoredRow> & { last: string })[]>(
    db,
    `with walked as materialized (
       select e.position, e.kind, e.transition_id, e.txid from portcullis.topic_event e
       where e.topic = $1 and e.position > $2 order by e.position limit ${WALKED_EVENTS})
     select found.txid, found.vout, found.score, tip.last from (select max(position) as last from walked) tip left join lateral (
       select o.txid, o.vout, (w.position + 1) * ${SCORES_PER_EVENT} + o.vout as score from walked w
       cross join lateral (select h.* from portcullis.topic_output h where h.topic = $1 and h.txid = w.txid offset 0) o
       where w.kind = 'applied' and o.transition_id = w.transition_id and ${UNSPENT} and ${NOT_SPENT_ELSEWHERE}
     ) found on true where tip.last is not null order by found.score`,
    [topic, position],
  );
  const found = rows.flatMap(({ txid, vout, score }) =>
    txid && vout !== undefined && score !== undefined ? [readRow({ txid, vout, score })] : [],
  );
  const [first] = rows;
  return { found, last: first && Number(first.last) };
};

export interface ScorePage {
  /** The score of the last output that is known; 0 from the first. */
  readonly after: number;
  readonly limit: number;
}

/** Unspent outputs of the topic, in the order of their scores. A page that is not empty may be short of `limit` where much was spent in between. */
export const listScoredOutputs = async (db: Database, topic: string, page: ScorePage): Promise<ScoredTopicOutput[]> => {
  const [state] = await runStatement<{ unspent: string }[]>(
    db,
    'select unspent from portcullis.topic_state where topic = $1',
    [topic],
  );
  if (state === undefined) return [];
  if (Number(state.unspent) <= SORTED_OUTPUTS_MAX) return listSorted(db, topic, page);
  const found: ScoredTopicOutput[] = [];
  // The event of `after` itself is walked again: the page before may have ended between two of its outputs.
  let position = Math.floor(page.after / SCORES_PER_EVENT) - 2;
  for (let events = 0; found.length < page.limit; events += WALKED_EVENTS) {
    if (found.length > 0 && events >= PATIENCE_EVENTS) break;
    const walked = await walkEvents(db, topic, position);
    if (walked.last === undefined) break;
    found.push(...walked.found.filter(({ score }) => score > page.after));
    position = walked.last;
  }
  return found.slice(0, page.limit);
};
