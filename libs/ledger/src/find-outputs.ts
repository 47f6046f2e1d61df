import { makeOutpoint, txidFromWire } from '#atomic-core';
import type { Coin, Outpoint, Satoshis, Txid } from '#atomic-core';
import { hexOf, runStatement, wireHex } from './database';
import type { Database } from './database';
import { prepareStatement } from './prepared';

interface OutputRow {
  readonly txid: Buffer;
  readonly vout: number;
  readonly satoshis: string;
  readonly script: Buffer;
}

const FIND_COINS = prepareStatement(
  `select c.place, c.txid, c.vout, c.satoshis, c.locking_script as script
   from portcullis.find_coins($1::text, $2::jsonb, $3::jsonb) c order by c.place`,
);

/**
 * The coins among `outpoints`: admitted to the topic, unspent there, not retracted. `outpoints` are the subject's inputs in order:
 * a coin's `inputIndex` is its place in that list. What transactions of `leaving` spend counts as unspent: for a look at how it will be without them.
 */
export const findCoins = async (
  db: Database,
  topic: string,
  outpoints: readonly Outpoint[],
  leaving: readonly Txid[] = [],
): Promise<Coin[]> => {
  if (outpoints.length === 0) return [];
  const rows = await runStatement<(OutputRow & { place: number })[]>(db, FIND_COINS, [
    topic,
    JSON.stringify(outpoints.map(hexOf)),
    JSON.stringify(leaving.map(wireHex)),
  ]);
  return rows.map(({ place, txid, vout, satoshis, script }) => ({
    inputIndex: place,
    txid: txidFromWire(txid),
    vout,
    satoshis: Number(satoshis),
    lockingScript: script,
  }));
};

export interface TopicOutput {
  readonly txid: Txid;
  readonly vout: number;
  readonly outpoint: Outpoint;
  readonly satoshis: Satoshis;
  readonly lockingScript: Buffer;
}

const readRow = ({ txid, vout, satoshis, script }: OutputRow): TopicOutput => {
  const id = txidFromWire(txid);
  return { txid: id, vout, outpoint: makeOutpoint(id, vout), satoshis: Number(satoshis), lockingScript: script };
};

interface KeyedRow extends OutputRow {
  readonly key: string;
  readonly spent: boolean;
}

interface KeyPage {
  readonly key: string;
  readonly afterTxid?: string;
  readonly afterVout?: number;
}

/** The next `limit` that each of these keys finds unspent in the topic, walked in the order of the index and no further; in order within a key. */
const readPages = (db: Database, topic: string, pages: readonly KeyPage[], limit: number): Promise<KeyedRow[]> =>
  runStatement<KeyedRow[]>(
    db,
    `select asked.page->>'key' as key, o.txid, o.vout, o.satoshis, o.locking_script as script, spent.there is not null as spent
     from jsonb_array_elements($2::jsonb) with ordinality as asked (page, place)
     cross join lateral portcullis.list_topic_outputs(asked.page || jsonb_build_object('topic', $1::text, 'state', 'unspent', 'limit', $3::int)) o
     left join lateral (select true as there from portcullis.spent_outpoint s where s.outpoint = portcullis.make_outpoint(o.txid, o.vout) offset 0) spent
       on true
     order by asked.place, o.txid, o.vout`,
    [topic, JSON.stringify(pages), limit],
  );

const compareRows = (a: OutputRow, b: OutputRow): number => Buffer.compare(a.txid, b.txid) || a.vout - b.vout;

/**
 * Unspent admitted outputs that any of `keys` finds, each once, in the order of (txid, vout) bytes; at most `limit`. Unspent in the ledger, not in the
 * topic alone: a spender that came as an ancestor or in a payment was never shown to the topic. What was evicted is in no answer.
 */
export const findOutputsByKeys = async (
  db: Database,
  topic: string,
  keys: readonly string[],
  limit: number,
): Promise<TopicOutput[]> => {
  const found = new Map<string, OutputRow>();
  let pages: readonly KeyPage[] = [...new Set(keys)].map((key) => ({ key }));
  while (pages.length > 0) {
    const rows = await readPages(db, topic, pages, limit);
    // Only a page that was full, and of which the ledger knows a spender that the topic does not, may hide more.
    pages = pages.flatMap(({ key }) => {
      const page = rows.filter((row) => row.key === key);
      const last = page.at(-1);
      if (!last || page.length < limit || !page.some(({ spent }) => spent)) return [];
      return [{ key, afterTxid: last.txid.toString('hex'), afterVout: last.vout }];
    });
    for (const row of rows) if (!row.spent) found.set(`${row.txid.toString('hex')}.${String(row.vout)}`, row);
  }
  return [...found.values()].sort(compareRows).slice(0, limit).map(readRow);
};
