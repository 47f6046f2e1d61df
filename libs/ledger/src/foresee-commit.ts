import { accept, reject, txidFromWire } from '#atomic-core';
import type { PlannedBasketOutput, Result, Txid } from '#atomic-core';
import type { Spend } from './commit-input';
import { hexOf, runStatement, wireHex } from './database';
import type { Database } from './database';
import { tenantOf } from './tenant';

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
  readonly baskets: readonly (Pick<PlannedBasketOutput, 'vout' | 'basket'> &
    Partial<Pick<PlannedBasketOutput, 'tags' | 'customInstructions' | 'quantity'>>)[];
}

/** `already-applied` where a topic has the transaction, or where one of its outputs is in another basket of the organisation, or kept otherwise. Same order as in the COMMIT. */
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
  const asked = baskets.map(({ vout, basket, tags = [], customInstructions: instructions, quantity = 1 }) => ({
    ...{ vout, basket, tags, quantity },
    ...(instructions !== undefined && { instructions }),
  }));
  const [taken] = await runStatement<{ vout: number; elsewhere: boolean }[]>(
    tenantOf(db, organisation),
    `select b.vout, b.basket <> a->>'basket' as elsewhere from jsonb_array_elements($3::jsonb) a
     cross join lateral (select h.* from portcullis.basket_output h
       where h.organisation = $1 and h.txid = decode($2, 'hex') and h.vout = (a->>'vout')::int and not h.retracted and not h.relinquished offset 0) b
     where portcullis.is_kept_otherwise(b.basket, b.tags, b.custom_instructions, b.quantity, a) order by b.vout limit 1`,
    [organisation, wireHex(txid), JSON.stringify(asked)],
  );
  if (taken === undefined) return accept(undefined);
  const { vout, elsewhere } = taken;
  return reject(
    'already-applied',
    `output ${vout} is ${elsewhere ? 'in another basket' : 'kept with other tags, instructions or quantity'} already`,
  );
};

export interface ForeseenSpender {
  readonly organisation: string;
  readonly identityKey: string;
  /** The reservation that the submission names, if any. */
  readonly reservation?: string | undefined;
}

/** `output-reserved` where what is spent of the organisation's own baskets is held for another identity. Not for what is in a block: a fact asks nobody. */
export const findReserved = async (
  db: Database,
  { organisation, identityKey, reservation }: ForeseenSpender,
  spends: readonly Spend[],
): Promise<Result<undefined>> => {
  const [held] = await runStatement<{ txid: Buffer; vout: number; until: Date }[]>(
    tenantOf(db, organisation),
    `select b.txid, b.vout, b.reserved_until as until from jsonb_array_elements_text($3::jsonb) spent (hex)
     cross join lateral (select h.* from portcullis.basket_output h where h.organisation = $1
       and h.txid = substring(decode(spent.hex, 'hex') from 1 for 32) and h.vout = portcullis.vout_of(decode(spent.hex, 'hex')) offset 0) b
     cross join lateral (select v.identity_key from portcullis.reservation v where v.id = b.reserved_by offset 0) r
     where b.reserved_until > clock_timestamp() and b.removed_by is null and not b.retracted and not b.relinquished
       and b.reserved_by is distinct from $4::uuid and r.identity_key <> $2 order by b.txid, b.vout limit 1`,
    [organisation, identityKey, JSON.stringify(spends.map(({ outpoint }) => hexOf(outpoint))), reservation ?? null],
  );
  if (held === undefined) return accept(undefined);
  const { txid, vout, until } = held;
  return reject('output-reserved', `${txidFromWire(txid)}.${vout} is reserved until ${until.toISOString()}`);
};

/** What of the organisation's own would leave its baskets. */
export const listLeavingBaskets = async (
  db: Database,
  organisation: string,
  spends: readonly Spend[],
): Promise<{ basket: string; outpoint: string }[]> => {
  const rows = await runStatement<{ basket: string; txid: Buffer; vout: number }[]>(
    tenantOf(db, organisation),
    `select distinct b.basket, b.txid, b.vout from jsonb_array_elements_text($2::jsonb) spent (hex)
     cross join lateral (select h.* from portcullis.basket_output h where h.txid = substring(decode(spent.hex, 'hex') from 1 for 32)
       and h.vout = portcullis.vout_of(decode(spent.hex, 'hex')) offset 0) b
     where b.organisation = $1 and b.removed_by is null and not b.retracted and not b.relinquished order by b.basket, b.txid, b.vout`,
    [organisation, JSON.stringify(spends.map(({ outpoint }) => hexOf(outpoint)))],
  );
  return rows.map(({ basket, txid, vout }) => ({ basket, outpoint: `${txidFromWire(txid)}.${vout}` }));
};
