import { makeOutpoint, readOutpoint, txidFromWire, txidToWire } from '#atomic-core';
import type { Coin, Outpoint, Satoshis, Txid } from '#atomic-core';
import { IsNull, Raw } from 'typeorm';
import { hexOf, runStatement, wireHex } from './database';
import type { Database } from './database';
import { BasketOutputEntity } from './entities/basket-output';

interface OutputRow {
  readonly txid: Buffer;
  readonly vout: number;
  readonly satoshis: string;
  readonly script: Buffer;
}

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
  const rows = await runStatement<(OutputRow & { place: number })[]>(
    db,
    `select (asked.place - 1)::int as place, o.txid, o.vout, o.satoshis, o.locking_script as script
     from jsonb_array_elements_text($2::jsonb) with ordinality as asked (hex, place)
     cross join lateral (select t.* from portcullis.topic_output t where t.topic = $1
      and t.txid = substring(decode(asked.hex, 'hex') from 1 for 32) and t.vout = portcullis.vout_of(decode(asked.hex, 'hex')) offset 0) o
     where not o.retracted and (o.spent_by is null
       or o.spent_by in (select decode(leaves.hex, 'hex') from jsonb_array_elements_text($3::jsonb) leaves (hex)))
     order by asked.place`,
    [topic, JSON.stringify(outpoints.map(hexOf)), JSON.stringify(leaving.map(wireHex))],
  );
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

/**
 * Unspent admitted outputs that any of `keys` finds, each once, in the order of (txid, vout) bytes; at most `limit`. Unspent in the ledger, not in the
 * topic alone: a spender that came as an ancestor or in a payment was never shown to the topic.
 */
export const findOutputsByKeys = async (
  db: Database,
  topic: string,
  keys: readonly string[],
  limit: number,
): Promise<TopicOutput[]> => {
  const rows = await runStatement<OutputRow[]>(
    db,
    // From the keys to the outputs and never the other way, which would walk the topic in the order that is asked for.
    `select o.txid, o.vout, o.satoshis, o.locking_script as script from (
       select distinct k.txid, k.vout from portcullis.topic_output_key k where k.topic = $1 and k.key = any($2::text[]) offset 0) found
     cross join lateral (select t.* from portcullis.topic_output t where t.topic = $1 and t.txid = found.txid and t.vout = found.vout
       and t.spent_by is null and not t.retracted offset 0) o
     left join lateral (select true as there from portcullis.spent_outpoint s where s.outpoint = portcullis.make_outpoint(o.txid, o.vout) offset 0) spent
       on true
     where spent.there is null order by o.txid, o.vout limit $3`,
    [topic, keys, limit],
  );
  return rows.map(readRow);
};

export interface BasketPage {
  readonly limit: number;
  /** The last outpoint of the page before. */
  readonly after?: Outpoint;
}

/** What is in one basket of one organisation now, in the order of (txid, vout) bytes. */
export const listBasketOutputs = async (
  db: Database,
  organisation: string,
  basket: string,
  { limit, after }: BasketPage,
): Promise<TopicOutput[]> => {
  const from = after && readOutpoint(after);
  const stored = await db.getRepository(BasketOutputEntity).find({
    where: {
      organisation,
      basket,
      removedBy: IsNull(),
      retracted: false,
      ...(from && {
        txid: Raw((txid) => `(${txid}, vout) > (:txid, :vout)`, { txid: txidToWire(from.txid), vout: from.vout }),
      }),
    },
    order: { txid: 'asc', vout: 'asc' },
    take: limit,
  });
  return stored.map(({ txid, vout, satoshis, lockingScript }) => ({
    txid,
    vout,
    outpoint: makeOutpoint(txid, vout),
    satoshis,
    lockingScript,
  }));
};
