/**
 * The parts of THE COMMIT, so written that no statistics lead them past an index descent: PL/pgSQL keeps the plan that it made when the tables were small.
 * A lateral subquery with `offset 0` is never merged into what surrounds it, so it can only be looked up once for each row that asks. An update that
 * joins cannot be fenced so and is a loop over what was asked.
 */
export const BOUNDED_COMMIT = `
create or replace function portcullis.claim_spends(list jsonb) returns void language plpgsql as $$
declare
  lost record;
  claimed bigint;
begin
  insert into portcullis.spent_outpoint (outpoint, spender_txid)
    select decode(s->>'outpoint', 'hex'), decode(s->>'spender', 'hex') from jsonb_array_elements(list) s order by 1, 2
    on conflict do nothing;
  get diagnostics claimed = row_count;
  if claimed = jsonb_array_length(list) then return; end if;
  select held.* into lost from jsonb_array_elements(list) s
    cross join lateral (select h.* from portcullis.spent_outpoint h where h.outpoint = decode(s->>'outpoint', 'hex') offset 0) held
    where held.spender_txid <> decode(s->>'spender', 'hex') order by held.outpoint limit 1;
  if found then
    perform portcullis.refuse('outpoint-spent',
      portcullis.wire(lost.outpoint) || ' is spent by ' || portcullis.wire(lost.spender_txid));
  end if;
end $$;

create function portcullis.spend_coins(place text, coins jsonb, subject bytea) returns void language plpgsql as $$
declare
  coin record;
  held portcullis.topic_output%rowtype;
begin
  for coin in
    select decode(c->>'txid', 'hex') as txid, (c->>'vout')::int as vout, (c->>'retain')::boolean as retain from jsonb_array_elements(coins) c order by 1, 2
  loop
    update portcullis.topic_output o set spent_by = subject, retained = coin.retain
      where o.topic = place and o.txid = coin.txid and o.vout = coin.vout and o.spent_by is null and not o.retracted;
    continue when found;
    select * into held from portcullis.topic_output o where o.topic = place and o.txid = coin.txid and o.vout = coin.vout;
    if not found then
      perform portcullis.refuse('coins-changed', 'no coin of ' || portcullis.wire(coin.txid) || ' in ' || place);
    elsif held.retracted then
      perform portcullis.refuse('parent-retracted', portcullis.wire(coin.txid) || ' was refused by the network');
    elsif held.spent_by <> subject then
      perform portcullis.refuse('outpoint-spent', 'a coin of ' || portcullis.wire(coin.txid) || ' is spent by ' || portcullis.wire(held.spent_by));
    end if;
  end loop;
end $$;

create or replace function portcullis.apply_topic(plan jsonb, subject bytea, transition uuid) returns void language plpgsql as $$
declare
  place constant text := plan->>'topic';
  lost record;
begin
  insert into portcullis.applied_transaction (topic, txid, transition_id) values (place, subject, transition) on conflict do nothing;
  if not found then
    perform portcullis.refuse('already-applied', portcullis.wire(subject) || ' is applied to ' || place || ' by another request');
  end if;
  perform portcullis.spend_coins(place, plan->'coins', subject);
  -- A coin that the plan does not know was admitted after the topic manager was asked: its verdict is about another state.
  select o.txid into lost from portcullis.spent_outpoint s
    cross join lateral (select t.txid from portcullis.topic_output t
      where t.topic = place and t.txid = substring(s.outpoint from 1 for 32) and t.vout = portcullis.vout_of(s.outpoint)
        and t.spent_by is null and not t.retracted offset 0) o
    where s.spender_txid = subject limit 1;
  if found then
    perform portcullis.refuse('coins-changed', 'a coin of ' || portcullis.wire(lost.txid) || ' was admitted to ' || place || ' meanwhile');
  end if;
  -- An output may arrive after its spender did; if the spender is of this topic it has been judged and is not asked again.
  insert into portcullis.topic_output as o (topic, txid, vout, satoshis, locking_script, transition_id, spent_by)
    select place, subject, (a->>'vout')::int, (a->>'satoshis')::bigint, decode(a->>'script', 'hex'), transition,
      (select p.txid from portcullis.spent_outpoint s
        cross join lateral (select l.txid from portcullis.applied_transaction l where l.topic = place and l.txid = s.spender_txid offset 0) p
        where s.outpoint = portcullis.make_outpoint(subject, (a->>'vout')::bigint))
    from jsonb_array_elements(plan->'admit') a order by 3
    on conflict (topic, txid, vout) do update set retracted = false, retained = false, spent_by = excluded.spent_by,
      satoshis = excluded.satoshis, locking_script = excluded.locking_script, transition_id = excluded.transition_id
      where o.retracted;
  insert into portcullis.topic_output_key (topic, key, txid, vout)
    select distinct place, k.key, subject, (a->>'vout')::int
    from jsonb_array_elements(plan->'admit') a, jsonb_array_elements_text(a->'keys') as k (key)
    on conflict do nothing;
end $$;

-- What is spent leaves its basket, whoever's it is; answers what left.
create or replace function portcullis.empty_baskets(spends jsonb) returns table (organisation text, basket text, printed text) language plpgsql as $$
declare given record;
begin
  for given in
    select distinct b.txid, b.vout, decode(s->>'spender', 'hex') as spender, s->>'printed' as printed from jsonb_array_elements(spends) s
    cross join lateral (select h.txid, h.vout from portcullis.basket_output h
      where h.txid = substring(decode(s->>'outpoint', 'hex') from 1 for 32) and h.vout = portcullis.vout_of(decode(s->>'outpoint', 'hex'))
        and h.removed_by is null and not h.retracted offset 0) b
    order by 1, 2
  loop
    return query update portcullis.basket_output b set removed_by = given.spender
      where b.txid = given.txid and b.vout = given.vout and b.removed_by is null and not b.retracted
      returning b.organisation, b.basket, given.printed;
  end loop;
end $$;

create or replace function portcullis.fill_baskets(list jsonb, subject bytea, tenant text, transition uuid) returns void language plpgsql as $$
declare
  taken record;
  filled bigint;
begin
  insert into portcullis.basket_output as b (txid, vout, organisation, basket, satoshis, locking_script, transition_id, removed_by)
    select subject, (a->>'vout')::int, tenant, a->>'basket', (a->>'satoshis')::bigint, decode(a->>'script', 'hex'), transition,
      (select s.spender_txid from portcullis.spent_outpoint s
        where s.outpoint = portcullis.make_outpoint(subject, (a->>'vout')::bigint))
    from jsonb_array_elements(list) a order by 2
    on conflict (txid, vout) do update set organisation = excluded.organisation, basket = excluded.basket,
      transition_id = excluded.transition_id, removed_by = excluded.removed_by, retracted = false
      where b.retracted;
  get diagnostics filled = row_count;
  if filled = jsonb_array_length(list) then return; end if;
  select b.vout into taken from jsonb_array_elements(list) a
    cross join lateral (select h.* from portcullis.basket_output h where h.txid = subject and h.vout = (a->>'vout')::int offset 0) b
    where b.organisation <> tenant or b.basket <> a->>'basket' limit 1;
  if found then
    perform portcullis.refuse('already-applied', 'output ' || taken.vout || ' is in another basket already');
  end if;
end $$;
`;
