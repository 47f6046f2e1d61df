import { accept, reject, txidFromWire } from '#atomic-core';
import type { Result, Txid } from '#atomic-core';
import type { Spend } from './commit-input';
import { hexOf, runStatement, wireHex } from './database';
import type { Database } from './database';

/**
 * What the COMMIT would find, read and not changed. For advice alone: between this look and a COMMIT anything may happen, and only the COMMIT decides. Run
 * in one read-only transaction, so that all of it is of one moment.
 */

export interface Rival {
  readonly txid: Txid;
  /** Neither it nor anything that stands on it is proven: a proven spender of the same outpoint would have it retracted. */
  readonly canLeave: boolean;
}

/** Who else holds any of these outpoints, each once. */
export const listRivals = async (db: Database, spends: readonly Spend[]): Promise<Rival[]> => {
  const asked = spends.map(({ outpoint, spenderTxid }) => ({
    outpoint: hexOf(outpoint),
    spender: wireHex(spenderTxid),
  }));
  const rows = await runStatement<{ rival: Buffer; leaves: boolean }[]>(
    db,
    `select r.rival, exists (select from portcullis.list_dependants(r.rival)) as leaves from (
       select distinct held.spender_txid as rival from jsonb_array_elements($1::jsonb) s
       cross join lateral (select h.* from portcullis.spent_outpoint h where h.outpoint = decode(s->>'outpoint', 'hex') offset 0) held
       where held.spender_txid <> decode(s->>'spender', 'hex')) r order by r.rival`,
    [JSON.stringify(asked)],
  );
  return rows.map(({ rival, leaves }) => ({ txid: txidFromWire(rival), canLeave: leaves }));
};

export interface ForeseenState {
  readonly organisation: string;
  readonly txid: Txid;
  readonly topics: readonly string[];
  readonly baskets: readonly { readonly vout: number; readonly basket: string }[];
}

/** `already-applied` where a topic has the transaction, or where one of its outputs is in another basket. Same order as in the COMMIT. */
export const findApplied = async (db: Database, state: ForeseenState): Promise<Result<undefined>> => {
  const { organisation, txid, topics, baskets } = state;
  const [applied] = await runStatement<{ topic: string }[]>(
    db,
    `select a.topic from portcullis.applied_transaction a
     where a.txid = decode($1, 'hex') and a.topic = any($2::text[]) order by a.topic limit 1`,
    [wireHex(txid), topics],
  );
  if (applied !== undefined) {
    return reject('already-applied', `${txid} is applied to ${applied.topic} by another request`);
  }
  const [taken] = await runStatement<{ vout: number }[]>(
    db,
    `select b.vout from jsonb_array_elements($3::jsonb) a
     join portcullis.basket_output b on b.txid = decode($2, 'hex') and b.vout = (a->>'vout')::int
     where not b.retracted and (b.organisation <> $1 or b.basket <> a->>'basket') order by b.vout limit 1`,
    [organisation, wireHex(txid), JSON.stringify(baskets.map(({ vout, basket }) => ({ vout, basket })))],
  );
  if (taken === undefined) return accept(undefined);
  return reject('already-applied', `output ${taken.vout} is in another basket already`);
};

/** What of the organisation's own would leave its baskets. */
export const listLeavingBaskets = async (
  db: Database,
  organisation: string,
  spends: readonly Spend[],
): Promise<{ basket: string; outpoint: string }[]> => {
  const rows = await runStatement<{ basket: string; txid: Buffer; vout: number }[]>(
    db,
    `select distinct b.basket, b.txid, b.vout from jsonb_array_elements_text($2::jsonb) spent (hex)
     cross join lateral (select h.* from portcullis.basket_output h where h.txid = substring(decode(spent.hex, 'hex') from 1 for 32)
       and h.vout = portcullis.vout_of(decode(spent.hex, 'hex')) offset 0) b
     where b.organisation = $1 and b.removed_by is null and not b.retracted order by b.basket, b.txid, b.vout`,
    [organisation, JSON.stringify(spends.map(({ outpoint }) => hexOf(outpoint)))],
  );
  return rows.map(({ basket, txid, vout }) => ({ basket, outpoint: `${txidFromWire(txid)}.${vout}` }));
};
