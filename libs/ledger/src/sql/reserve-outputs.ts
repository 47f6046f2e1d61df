/**
 * Reservations. An output is free when no reservation holds it or its time is over; nothing sweeps, and nothing is held between requests. Who reserves from
 * a basket, or prolongs a hold, waits in the queue of that basket (an advisory lock, first come first served), so what is counted there is exact. Order of
 * locks: ledger (shared), basket, offers, reservations by id, outputs by outpoint; whoever reserves waits for no row at all.
 */
export const RESERVE_OUTPUTS = `
create function portcullis.queue_for_basket(tenant text, shelf text) returns void language sql as $$
  select pg_advisory_xact_lock(7364952, hashtext(tenant || ' ' || shelf))
$$;

create function portcullis.is_consumed(reservation uuid) returns boolean language sql stable as $$
  select exists (select from portcullis.basket_output b where b.reserved_by = reservation and num_nulls(b.removed_by) = 0)
$$;

create function portcullis.measure_output(measure text, satoshis bigint, quantity bigint) returns bigint language sql immutable as $$
  select case measure when 'outputs' then 1 when 'satoshis' then satoshis when 'quantity' then quantity end
$$;

-- Of several tags that an output answers to, the first finds it.
create function portcullis.list_tagged(tenant text, shelf text, wanted text[], every boolean, clock timestamptz)
returns table (txid bytea, vout integer, satoshis bigint, quantity bigint) language sql stable as $$
  select b.txid, b.vout, b.satoshis, b.quantity from unnest(case when every then wanted[1:1] else wanted end) given (tag)
  cross join lateral (select t.* from portcullis.basket_output_tag t
    where t.organisation = tenant and t.basket = shelf and t.tag = given.tag order by t.place offset 0) found
  cross join lateral (select h.* from portcullis.basket_output h
    where h.organisation = tenant and h.txid = found.txid and h.vout = found.vout offset 0) b
  where (b.reserved_until is null or b.reserved_until <= clock)
    and case when every then b.tags @> wanted else given.tag = (select min(x) from unnest(b.tags) x where x = any(wanted)) end
$$;

-- Free outputs in the order of their arrival, then those whose time ran out; or the largest first. Read without a lock: whoever takes one looks again.
create function portcullis.open_free(tenant text, shelf text, asked jsonb, clock timestamptz, largest boolean) returns refcursor language plpgsql as $$
declare
  wanted constant text[] := array(select jsonb_array_elements_text(asked->'terms'->'tags') order by 1);
  every constant boolean := asked->'terms'->>'tagQueryMode' = 'all';
  measure constant text := asked->'terms'->>'measure';
  most constant int := 2 * (asked->>'outputsMax')::int;
  free refcursor;
begin
  if cardinality(wanted) > 0 and largest then
    open free for select t.txid, t.vout from portcullis.list_tagged(tenant, shelf, wanted, every, clock) t
      order by portcullis.measure_output(measure, t.satoshis, t.quantity) desc limit most;
  elsif cardinality(wanted) > 0 then
    open free for select t.txid, t.vout from portcullis.list_tagged(tenant, shelf, wanted, every, clock) t;
  elsif largest then
    open free for select b.txid, b.vout from portcullis.basket_output b where b.organisation = tenant and b.basket = shelf
        and (b.reserved_until is null or b.reserved_until <= clock) and b.removed_by is null and not b.retracted and not b.relinquished
      order by portcullis.measure_output(measure, b.satoshis, b.quantity) desc limit most;
  else
    open free for (select b.txid, b.vout from portcullis.basket_output b where b.organisation = tenant and b.basket = shelf and b.reserved_until is null
        and b.removed_by is null and not b.retracted and not b.relinquished order by b.reserved_until nulls first, b.place)
      union all (select b.txid, b.vout from portcullis.basket_output b where b.organisation = tenant and b.basket = shelf and b.reserved_until <= clock
        and b.removed_by is null and not b.retracted and not b.relinquished order by b.reserved_until nulls first, b.place);
  end if;
  return free;
end $$;

-- Enough free outputs, locked, and no more of them than are needed; fewer than enough when there are no more. What a COMMIT is spending now is passed by.
create function portcullis.pick_free(tenant text, shelf text, asked jsonb, clock timestamptz, largest boolean) returns table (txids bytea[], vouts int[], got bigint)
language plpgsql as $$
declare
  wanted constant bigint := (asked->'terms'->>'amount')::bigint;
  free refcursor := portcullis.open_free(tenant, shelf, asked, clock, largest);
  candidate record;
  part bigint;
  parts bigint[] := '{}';
  kept int[];
begin
  txids := '{}';
  vouts := '{}';
  got := 0;
  loop
    exit when got >= wanted or cardinality(parts) = (asked->>'outputsMax')::int;
    fetch free into candidate;
    exit when not found;
    select portcullis.measure_output(asked->'terms'->>'measure', b.satoshis, b.quantity) into part from portcullis.basket_output b
      where b.organisation = tenant and b.txid = candidate.txid and b.vout = candidate.vout and b.basket = shelf
        and num_nulls(b.removed_by) = 1 and not b.retracted and not b.relinquished and (b.reserved_until is null or b.reserved_until <= clock)
      for update skip locked;
    continue when not found or part = 0;
    txids := array_append(txids, candidate.txid);
    vouts := array_append(vouts, candidate.vout);
    parts := array_append(parts, part);
    got := got + part;
  end loop;
  close free;
  for nth in 1 .. cardinality(parts) loop
    if got - parts[nth] >= wanted then got := got - parts[nth];
    else kept := array_append(kept, nth);
    end if;
  end loop;
  txids := array(select txids[nth] from unnest(kept) nth);
  vouts := array(select vouts[nth] from unnest(kept) nth);
  return next;
end $$;

create function portcullis.reserve_outputs(asked jsonb) returns uuid language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  shelf constant text := asked->>'basket';
  clock timestamptz;
  held portcullis.reservation%rowtype;
  picked record;
begin
  perform portcullis.share_ledger();
  perform portcullis.queue_for_basket(tenant, shelf);
  clock := clock_timestamp();
  -- The loop ends: each round finds the request that lives, or ends a dead one's hold on the key, or is the one that makes it.
  loop
    insert into portcullis.reservation (id, organisation, identity_key, basket, request_key, terms, expires_at)
      values ((asked->>'id')::uuid, tenant, asked->>'identityKey', shelf, asked->>'requestKey', asked->'terms',
        clock + (asked->>'ttlMs')::float8 * interval '1 millisecond')
      on conflict (organisation, identity_key, request_key) do nothing;
    exit when found;
    select * into held from portcullis.reservation r
      where r.organisation = tenant and r.identity_key = asked->>'identityKey' and r.request_key = asked->>'requestKey' for update;
    continue when not found;
    if held.released_at is null and held.expires_at > clock and not portcullis.is_consumed(held.id) then
      if held.basket <> shelf or held.terms <> asked->'terms' then
        perform portcullis.refuse('idempotency-conflict', 'another request holds this key');
      end if;
      return held.id;
    end if;
    update portcullis.reservation r set request_key = null where r.id = held.id;
  end loop;
  select * into picked from portcullis.pick_free(tenant, shelf, asked, clock, false);
  -- A thousand small ones first in line are no reason to miss the large ones behind them.
  if picked.got < (asked->'terms'->>'amount')::bigint and cardinality(picked.txids) = (asked->>'outputsMax')::int then
    select * into picked from portcullis.pick_free(tenant, shelf, asked, clock, true);
  end if;
  if picked.got < (asked->'terms'->>'amount')::bigint then
    perform portcullis.refuse('stock-insufficient', picked.got || ' of ' || (asked->'terms'->>'amount') || ' ' || (asked->'terms'->>'measure') || ' free in '
      || case when cardinality(picked.txids) = (asked->>'outputsMax')::int then 'as many outputs as one reservation holds' else 'this basket' end);
  end if;
  for nth in 1 .. cardinality(picked.txids) loop
    update portcullis.basket_output b set reserved_by = (asked->>'id')::uuid, reserved_until = clock + (asked->>'ttlMs')::float8 * interval '1 millisecond'
      where b.organisation = tenant and b.txid = picked.txids[nth] and b.vout = picked.vouts[nth];
  end loop;
  return (asked->>'id')::uuid;
end $$;

-- Prolonged only while it holds; measured from now.
create function portcullis.renew_reservation(tenant text, reservation uuid, ttl_ms bigint) returns void language plpgsql as $$
declare
  held portcullis.reservation%rowtype;
  clock timestamptz;
begin
  perform portcullis.share_ledger();
  select * into held from portcullis.reservation r where r.id = reservation and r.organisation = tenant;
  if not found then perform portcullis.refuse('reservation-unknown', 'no such reservation in this organisation'); end if;
  perform portcullis.queue_for_basket(tenant, held.basket);
  select * into strict held from portcullis.reservation r where r.id = reservation for update;
  clock := clock_timestamp();
  perform portcullis.refuse_ended(held, clock);
  update portcullis.reservation r set expires_at = clock + ttl_ms * interval '1 millisecond' where r.id = reservation;
  perform from portcullis.basket_output b where b.reserved_by = reservation order by b.txid, b.vout for update;
  update portcullis.basket_output b set reserved_until = clock + ttl_ms * interval '1 millisecond' where b.reserved_by = reservation;
end $$;

create function portcullis.refuse_ended(held portcullis.reservation, clock timestamptz) returns void language plpgsql as $$
begin
  if held.released_at is not null then perform portcullis.refuse('reservation-ended', 'it was released'); end if;
  if portcullis.is_consumed(held.id) then perform portcullis.refuse('reservation-ended', 'it was consumed'); end if;
  if held.expires_at <= clock then perform portcullis.refuse('reservation-ended', 'it has expired'); end if;
end $$;

-- At any time, and again: what it still holds is free.
create function portcullis.release_reservation(tenant text, reservation uuid) returns void language plpgsql as $$
declare held portcullis.reservation%rowtype;
begin
  perform portcullis.share_ledger();
  select * into held from portcullis.reservation r where r.id = reservation and r.organisation = tenant for update;
  if not found then perform portcullis.refuse('reservation-unknown', 'no such reservation in this organisation'); end if;
  if held.released_at is null and held.expires_at > clock_timestamp() and not portcullis.is_consumed(reservation) then
    update portcullis.reservation r set released_at = clock_timestamp() where r.id = reservation;
  end if;
  perform portcullis.free_rest(array[reservation], '{}');
end $$;

-- What reservations hold beside what is spent of them now.
create function portcullis.free_rest(reservations uuid[], spent bytea[]) returns void language plpgsql as $$
begin
  perform from portcullis.basket_output b where b.reserved_by = any(reservations) and num_nulls(b.removed_by) = 1
      and not portcullis.make_outpoint(b.txid, b.vout) = any(spent) order by b.txid, b.vout for update;
  update portcullis.basket_output b set reserved_by = null, reserved_until = null where b.reserved_by = any(reservations) and num_nulls(b.removed_by) = 1
    and not portcullis.make_outpoint(b.txid, b.vout) = any(spent);
end $$;
`;

/** What the COMMIT asks of reservations. */
export const CHECK_RESERVED = `
/*
 * Refuses to spend what another identity of the organisation holds in reserve, whether the subject spends it or an unproven ancestor does (a chain of two
 * would else be a way around any reservation); ends the reservations that are consumed and frees what they do not need. What another organisation spends,
 * and what a block has, is a fact. The outputs are locked here, so no reservation is made between this look and the end of the COMMIT.
 */
create function portcullis.check_reserved(asked jsonb) returns void language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  named constant uuid := (asked->>'reservation')::uuid;
  is_fact constant boolean := exists (select from jsonb_array_elements(asked->'transactions') t where t->>'txid' = asked->>'txid' and t ? 'bump');
  known uuid[];
  consumed uuid[] := '{}';
  spent bytea[] := '{}';
  held portcullis.reservation%rowtype;
  given record;
  kept record;
begin
  known := array(select distinct b.reserved_by from jsonb_array_elements(asked->'spends') s
    cross join lateral (select h.* from portcullis.basket_output h where h.organisation = tenant
      and h.txid = substring(decode(s->>'outpoint', 'hex') from 1 for 32) and h.vout = portcullis.vout_of(decode(s->>'outpoint', 'hex')) offset 0) b
    where b.reserved_until > clock_timestamp() and b.removed_by is null and not b.retracted and not b.relinquished);
  if named is not null then known := array_append(known, named); end if;
  -- Reservations before their outputs, as whoever releases or renews one does.
  perform from portcullis.reservation r where r.id = any(known) order by r.id for update;
  for given in
    select distinct b.txid, b.vout, b.organisation from jsonb_array_elements(asked->'spends') s
    cross join lateral (select h.* from portcullis.basket_output h where h.txid = substring(decode(s->>'outpoint', 'hex') from 1 for 32)
      and h.vout = portcullis.vout_of(decode(s->>'outpoint', 'hex')) offset 0) b
    where b.removed_by is null and not b.retracted and not b.relinquished order by 1, 2, 3
  loop
    select b.reserved_by, b.reserved_until into kept from portcullis.basket_output b
      where b.organisation = given.organisation and b.txid = given.txid and b.vout = given.vout for update;
    continue when given.organisation <> tenant or kept.reserved_by is null or kept.reserved_until <= clock_timestamp();
    if kept.reserved_by is distinct from named and not is_fact then
      select * into strict held from portcullis.reservation r where r.id = kept.reserved_by;
      if held.identity_key <> asked->>'identityKey' then
        perform portcullis.refuse('output-reserved', portcullis.wire(portcullis.make_outpoint(given.txid, given.vout)) || ' is reserved until '
          || to_char(kept.reserved_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
      end if;
    end if;
    -- Made since the look above, by the same identity: its other outputs could only be freed out of the order of locks. The next attempt finds it.
    if not kept.reserved_by = any(known) then
      perform portcullis.refuse('coins-changed', portcullis.wire(portcullis.make_outpoint(given.txid, given.vout)) || ' was reserved meanwhile');
    end if;
    consumed := array_append(consumed, kept.reserved_by);
    spent := array_append(spent, portcullis.make_outpoint(given.txid, given.vout));
  end loop;
  if named is not null then
    select * into held from portcullis.reservation r where r.id = named and r.organisation = tenant;
    if not found then perform portcullis.refuse('reservation-unknown', 'no such reservation in this organisation'); end if;
    perform portcullis.refuse_ended(held, clock_timestamp());
    if not named = any(consumed) then perform portcullis.refuse('reservation-unused', 'the transaction spends nothing that it holds'); end if;
  end if;
  if cardinality(consumed) > 0 then perform portcullis.free_rest(consumed, spent); end if;
end $$;

-- For a group in one pass: whether any of this has to be looked at one by one.
create function portcullis.touches_reserved(spends jsonb, tenants text[]) returns boolean language sql stable as $$
  select exists (select from jsonb_array_elements(spends) s
    cross join lateral (select b.* from portcullis.basket_output b where b.txid = substring(decode(s->>'outpoint', 'hex') from 1 for 32)
      and b.vout = portcullis.vout_of(decode(s->>'outpoint', 'hex')) offset 0) held
    where held.organisation = any(tenants) and held.reserved_by is not null and held.removed_by is null)
$$;
`;
