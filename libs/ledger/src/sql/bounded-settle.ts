/** Settlement and rewind, fenced as the COMMIT is: see bounded-commit. */
export const BOUNDED_SETTLE = `
-- The rows are named first and locked by their names: an index in the order of the names would else be walked for the sake of that order.
create or replace function portcullis.move_settlements(subjects bytea[], moves jsonb, why jsonb) returns integer language plpgsql as $$
declare
  named uuid[];
  paid bytea[];
  moved integer := 0;
  claims integer := 0;
begin
  named := array(select held.id from unnest(subjects) s (txid)
    cross join lateral (select t.id from portcullis.transition t where t.txid = s.txid and moves ? t.settlement offset 0) held);
  if cardinality(named) > 0 then
    perform from portcullis.transition t where t.id = any(named) order by t.id for update;
    with changed as (
      update portcullis.transition t set settlement = moves->>t.settlement where t.id = any(named) and moves ? t.settlement returning t.id, t.settlement
    ), told as (
      insert into portcullis.settlement_event (transition_id, seq, settlement, detail)
      select c.id, (select max(e.seq) + 1 from portcullis.settlement_event e where e.transition_id = c.id), c.settlement, why from changed c
      returning 1
    ) select count(*) into moved from told;
  end if;
  paid := array(select held.outpoint from unnest(subjects) s (txid)
    cross join lateral (select c.outpoint from portcullis.payment_claim c where c.txid = s.txid and moves ? c.settlement offset 0) held);
  if cardinality(paid) > 0 then
    perform from portcullis.payment_claim c where c.outpoint = any(paid) order by c.outpoint for update;
    update portcullis.payment_claim c set settlement = moves->>c.settlement where c.outpoint = any(paid) and moves ? c.settlement;
    get diagnostics claims = row_count;
  end if;
  return moved + claims;
end $$;

create or replace function portcullis.settle_proven(list jsonb, moves jsonb) returns void language plpgsql as $$
declare proven record;
begin
  for proven in
    select distinct x.txid, x.block_hash, x.block_height from jsonb_array_elements(list) given
    cross join lateral (select held.* from portcullis.transaction held
      where held.txid = decode(given->>'txid', 'hex') and held.block_hash is not null offset 0) x
    cross join lateral (select from portcullis.block_header h where h.hash = x.block_hash and h.height = x.block_height and h.is_best offset 0) block
    left join lateral (select true as there from portcullis.transition t where t.txid = x.txid and moves ? t.settlement limit 1) waits on true
    left join lateral (select true as there from portcullis.payment_claim c where c.txid = x.txid and moves ? c.settlement limit 1) paid on true
    where waits.there or paid.there order by 1
  loop
    perform portcullis.move_settlements(array[proven.txid], moves,
      jsonb_build_object('blockHash', portcullis.wire(proven.block_hash), 'height', proven.block_height));
    update portcullis.outbox o set state = 'done' where o.txid = proven.txid and o.state = 'waiting' and o.kind in ('broadcast', 'proof');
  end loop;
end $$;

create or replace function portcullis.rewind_blocks(blocks bytea[], moves jsonb) returns setof bytea language plpgsql as $$
declare
  subjects bytea[];
begin
  perform portcullis.own_ledger();
  subjects := array(select held.txid from unnest(blocks) b (hash)
    cross join lateral (select x.txid from portcullis.transaction x where x.block_hash = b.hash offset 0) held order by 1);
  if cardinality(subjects) = 0 then return; end if;
  perform from portcullis.transaction x where x.txid = any(subjects) order by x.txid for update;
  update portcullis.transaction x set bump = null, bump_root = null, block_hash = null, block_height = null where x.txid = any(subjects);
  perform portcullis.move_settlements(subjects, moves, '{}');
  return query select unnest(subjects);
end $$;

create or replace function portcullis.finalise(deepest integer, moves jsonb) returns integer language plpgsql as $$
declare subjects bytea[];
begin
  perform portcullis.share_ledger();
  subjects := array(select held.txid from (
      select t.txid from portcullis.transition t where t.settlement = 'mined'
      union select c.txid from portcullis.payment_claim c where c.settlement = 'mined') mined
    cross join lateral (select x.txid from portcullis.transaction x where x.txid = mined.txid and x.block_height <= deepest offset 0) held);
  -- What a rewind took out of its block while this waited for the row is not deep any more.
  subjects := array(select x.txid from portcullis.transaction x where x.txid = any(subjects) and x.block_height <= deepest order by x.txid for update);
  return portcullis.move_settlements(subjects, moves, '{}');
end $$;
`;
