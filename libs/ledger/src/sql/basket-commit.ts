/**
 * The parts of THE COMMIT that fill and empty baskets, fenced as bounded-commit is: an output is in one basket of each organisation. A row that is looked
 * up by its key is asked `num_nulls(removed_by) = 1` and not `removed_by is null`: the planner would else see that the row is in the partial index of
 * what lies in baskets, and a walk of that whole index is as cheap as a descent while the table is empty.
 */
export const BASKET_COMMIT = `
-- What is spent leaves its baskets, whoever's they are; answers what left. A reservation that had run out is forgotten with it, so that what is
-- reserved and removed was consumed.
create or replace function portcullis.empty_baskets(spends jsonb) returns table (organisation text, basket text, printed text) language plpgsql as $$
declare
  given record;
  clock constant timestamptz := clock_timestamp();
begin
  for given in
    select distinct b.txid, b.vout, b.organisation, decode(s->>'spender', 'hex') as spender, s->>'printed' as printed from jsonb_array_elements(spends) s
    cross join lateral (select h.* from portcullis.basket_output h where h.txid = substring(decode(s->>'outpoint', 'hex') from 1 for 32)
      and h.vout = portcullis.vout_of(decode(s->>'outpoint', 'hex')) offset 0) b
    where b.removed_by is null and not b.retracted and not b.relinquished order by 1, 2, 3
  loop
    return query update portcullis.basket_output b set removed_by = given.spender,
        reserved_by = case when b.reserved_until > clock then b.reserved_by end, reserved_until = case when b.reserved_until > clock then b.reserved_until end
      where b.organisation = given.organisation and b.txid = given.txid and b.vout = given.vout
        and num_nulls(b.removed_by) = 1 and not b.retracted and not b.relinquished
      returning b.organisation, b.basket, given.printed;
  end loop;
end $$;

-- A row may name the organisation of the offer that this transition took, and no other. What is kept already may be named again, and not otherwise.
create or replace function portcullis.fill_baskets(list jsonb, subject bytea, tenant text, transition uuid) returns void language plpgsql as $$
declare
  taken record;
  filled bigint;
begin
  if exists (select from jsonb_array_elements(list) a where a->>'organisation' <> tenant and not exists (
      select from portcullis.offer o where o.taken_by = transition and o.organisation = a->>'organisation')) then
    raise exception 'transition % fills a basket of another organisation, whose offer it did not take', transition;
  end if;
  insert into portcullis.basket_output as b (organisation, txid, vout, basket, satoshis, locking_script, transition_id, removed_by,
      tags, custom_instructions, quantity)
    select coalesce(a->>'organisation', tenant), subject, (a->>'vout')::int, a->>'basket', (a->>'satoshis')::bigint, decode(a->>'script', 'hex'), transition,
      (select s.spender_txid from portcullis.spent_outpoint s
        where s.outpoint = portcullis.make_outpoint(subject, (a->>'vout')::bigint)),
      array(select jsonb_array_elements_text(a->'tags')), a->>'instructions', (a->>'quantity')::bigint
    from jsonb_array_elements(list) a order by 3, 1
    on conflict (organisation, txid, vout) do update set basket = excluded.basket, transition_id = excluded.transition_id, removed_by = excluded.removed_by,
      tags = excluded.tags, custom_instructions = excluded.custom_instructions, quantity = excluded.quantity,
      retracted = false, relinquished = false, reserved_by = null, reserved_until = null, place = default
      where b.retracted or b.relinquished;
  get diagnostics filled = row_count;
  if filled = jsonb_array_length(list) then return; end if;
  select b.vout, b.basket <> a->>'basket' as elsewhere into taken from jsonb_array_elements(list) a
    cross join lateral (select h.* from portcullis.basket_output h
      where h.organisation = coalesce(a->>'organisation', tenant) and h.txid = subject and h.vout = (a->>'vout')::int offset 0) b
    where portcullis.is_kept_otherwise(b.basket, b.tags, b.custom_instructions, b.quantity, a) order by b.vout limit 1;
  if found then
    perform portcullis.refuse('already-applied', 'output ' || taken.vout ||
      case when taken.elsewhere then ' is in another basket already' else ' is kept with other tags, instructions or quantity already' end);
  end if;
end $$;

-- Whether what is asked says something else than what is there; what it leaves unsaid is no contradiction.
create function portcullis.is_kept_otherwise(held_basket text, held_tags text[], held_instructions text, held_quantity bigint, asked jsonb) returns boolean
language sql immutable as $$
  select held_basket <> asked->>'basket'
    or (jsonb_array_length(asked->'tags') > 0 and to_jsonb(held_tags) <> asked->'tags')
    or (asked ? 'instructions' and held_instructions is distinct from asked->>'instructions')
    or ((asked->>'quantity')::bigint <> 1 and held_quantity <> (asked->>'quantity')::bigint)
$$;

create or replace function portcullis.fill_together(baskets jsonb, subjects bytea[], tenants text[], made uuid[]) returns void language plpgsql as $$
declare
  filled bigint;
begin
  if exists (select from jsonb_array_elements(baskets) a where a->>'organisation' <> tenants[(a->>'item')::int]) then
    perform portcullis.give_way();
  end if;
  insert into portcullis.basket_output as b (organisation, txid, vout, basket, satoshis, locking_script, transition_id, removed_by,
      tags, custom_instructions, quantity)
    select tenants[(a->>'item')::int], subjects[(a->>'item')::int], (a->>'vout')::int, a->>'basket', (a->>'satoshis')::bigint, decode(a->>'script', 'hex'),
      made[(a->>'item')::int], (select s.spender_txid from portcullis.spent_outpoint s
        where s.outpoint = portcullis.make_outpoint(subjects[(a->>'item')::int], (a->>'vout')::bigint)),
      array(select jsonb_array_elements_text(a->'tags')), a->>'instructions', (a->>'quantity')::bigint
    from jsonb_array_elements(baskets) a order by 2, 3
    on conflict (organisation, txid, vout) do update set basket = excluded.basket, transition_id = excluded.transition_id, removed_by = excluded.removed_by,
      tags = excluded.tags, custom_instructions = excluded.custom_instructions, quantity = excluded.quantity,
      retracted = false, relinquished = false, reserved_by = null, reserved_until = null, place = default
      where b.retracted or b.relinquished;
  get diagnostics filled = row_count;
  if filled < jsonb_array_length(baskets) then perform portcullis.give_way(); end if;
end $$;

-- What leaves the baskets of the tenant, by item: the first that spends it is told so.
create or replace function portcullis.empty_together(spends jsonb, tenants text[]) returns jsonb[] language plpgsql as $$
declare
  removed jsonb[] := array_fill('[]'::jsonb, array[cardinality(tenants)]);
  gone record;
begin
  for gone in
    select first.item, jsonb_agg(jsonb_build_object('basket', b.basket, 'outpoint', b.printed) order by b.basket, b.printed) as list
    from portcullis.empty_baskets(spends) b
    join (select s->>'printed' as printed, min((s->>'item')::int) as item from jsonb_array_elements(spends) s group by 1) first on first.printed = b.printed
    where b.organisation = tenants[first.item] group by first.item
  loop
    removed[gone.item] := gone.list;
  end loop;
  return removed;
end $$;
`;
