/** Retraction, fenced as the COMMIT is: see bounded-commit. */
export const BOUNDED_RETRACT = `
create or replace function portcullis.list_dependants(subject bytea) returns table (txid bytea, depth integer) language plpgsql as $$
declare
  names bytea[];
  parents int[];
  children int[];
  start int[];
  waits int[];
  depths int[];
  queue int[];
  queued int := 1;
  edge int;
begin
  names := array(with recursive reached(name) as (
      select subject
      union select held.spender_txid from reached r cross join lateral (select s.spender_txid from portcullis.spent_outpoint s
        where s.outpoint between portcullis.first_outpoint(r.name) and portcullis.last_outpoint(r.name) offset 0) held
    ) select r.name from reached r order by r.name <> subject, r.name);
  if exists (select from portcullis.transaction x where x.txid = any(names) and x.bump is not null) then return; end if;
  select array_agg(e.parent order by e.parent, e.child), array_agg(e.child order by e.parent, e.child) into parents, children from (
    select distinct p.place::int as parent, c.place::int as child from unnest(names) with ordinality p (name, place)
    cross join lateral (select s.spender_txid from portcullis.spent_outpoint s
      where s.outpoint between portcullis.first_outpoint(p.name) and portcullis.last_outpoint(p.name) offset 0) held
    join unnest(names) with ordinality c (name, place) on c.name = held.spender_txid) e;
  start := array_fill(null::int, array[cardinality(names)]);
  waits := array_fill(0, array[cardinality(names)]);
  depths := waits;
  queue := waits;
  queue[1] := 1;
  for edge in select * from generate_series(coalesce(cardinality(parents), 0), 1, -1) loop
    start[parents[edge]] := edge;
    waits[children[edge]] := waits[children[edge]] + 1;
  end loop;
  for place in 1 .. cardinality(names) loop
    edge := start[queue[place]];
    while edge <= cardinality(parents) and parents[edge] = queue[place] loop
      depths[children[edge]] := greatest(depths[children[edge]], depths[queue[place]] + 1);
      waits[children[edge]] := waits[children[edge]] - 1;
      if waits[children[edge]] = 0 then
        queued := queued + 1;
        queue[queued] := children[edge];
      end if;
      edge := edge + 1;
    end loop;
  end loop;
  return query select * from unnest(names, depths);
end $$;

create or replace function portcullis.list_retractions(subject bytea) returns table (kind text, ref text, organisation text, identity_key text,
  request_id text, txid bytea, outpoint bytea) language sql as $$
  with dependant as materialized (select * from portcullis.list_dependants(subject))
  select found.kind, found.ref, found.organisation, found.identity_key, found.request_id, found.txid, found.outpoint from (
    select 'transition' as kind, t.id::text as ref, t.organisation, t.identity_key, t.request_id, t.txid, null::bytea as outpoint, d.depth
      from dependant d cross join lateral (select h.* from portcullis.transition h where h.txid = d.txid and h.settlement <> 'retracted' offset 0) t
    union all
    select 'payment', encode(c.outpoint, 'hex'), c.organisation, c.identity_key, coalesce(t.request_id, ''), c.txid, c.outpoint, d.depth
      from dependant d cross join lateral (select h.* from portcullis.payment_claim h where h.txid = d.txid and h.settlement <> 'retracted' offset 0) c
      left join lateral (select h.request_id from portcullis.transition h where h.id = c.transition_id offset 0) t on true
  ) found order by found.depth desc, found.txid, found.kind, found.ref
$$;

-- An unproven ancestor holds its spends for the sake of those that stand on it. When nobody does any more, it gives them back.
create or replace function portcullis.release_idle_ancestors(candidates bytea[]) returns void language plpgsql as $$
declare idle bytea[] := candidates;
begin
  loop
    idle := array(select x.txid from unnest(idle) given (txid)
      cross join lateral (select h.txid from portcullis.transaction h where h.txid = given.txid and h.bump is null offset 0) x
      left join lateral (select true as there from portcullis.transition h where h.txid = x.txid and h.settlement <> 'retracted' limit 1) t on true
      left join lateral (select true as there from portcullis.payment_claim h where h.txid = x.txid and h.settlement <> 'retracted' limit 1) c on true
      left join lateral (select true as there from portcullis.spent_outpoint h
        where h.outpoint between portcullis.first_outpoint(x.txid) and portcullis.last_outpoint(x.txid) limit 1) s on true
      where t.there is null and c.there is null and s.there is null);
    exit when cardinality(idle) = 0;
    idle := portcullis.release_spends(idle);
  end loop;
end $$;

-- Null when what the caller read is no longer so. leaves: [{ref, leaf}] in the order of list_retractions.
create or replace function portcullis.retract(subject bytea, leaves jsonb, moves jsonb, reason text) returns bytea[] language plpgsql as $$
declare
  gone bytea[];
  listed record;
begin
  perform portcullis.own_ledger();
  if array(select r.ref from portcullis.list_retractions(subject) r order by 1) is distinct from
     array(select l->>'ref' from jsonb_array_elements(leaves) l order by 1) then
    return null;
  end if;
  gone := array(select d.txid from portcullis.list_dependants(subject) d
    cross join lateral (select from portcullis.transaction x where x.txid = d.txid and x.refused_at is null offset 0) held order by d.depth desc, d.txid);
  update portcullis.transaction x set refused_at = now() where x.txid = any(gone);
  perform portcullis.move_settlements(gone, moves, jsonb_build_object('reason', reason));
  delete from portcullis.applied_transaction a where a.txid = any(gone);
  update portcullis.topic_output o set retracted = true where o.txid = any(gone);
  update portcullis.basket_output b set retracted = true where b.txid = any(gone);
  delete from portcullis.outbox o where o.txid = any(gone);
  perform portcullis.release_idle_ancestors(portcullis.release_spends(gone));
  for listed in
    select r.organisation, decode(l.value->>'leaf', 'hex') as leaf from jsonb_array_elements(leaves) with ordinality l (value, place)
    join (
      select t.id::text as ref, t.organisation from portcullis.transition t where t.txid = any(gone)
      union all select encode(c.outpoint, 'hex'), c.organisation from portcullis.payment_claim c where c.txid = any(gone)
    ) r on r.ref = l.value->>'ref' order by l.place
  loop
    perform portcullis.append_audit_leaf(listed.organisation, listed.leaf);
  end loop;
  return gone;
end $$;
`;
