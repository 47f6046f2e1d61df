/** The parts of THE COMMIT, asking nothing twice and nothing that a submission does not have. Read ops/decisions/0038 for what costs how much. */
export const LEAN_PARTS = `
drop function portcullis.store_transactions(jsonb, bytea);

-- The subject is locked for update and its parents for share: a parent and a child that arrive together see each other, whoever is first. What is new is
-- ours until the end and needs no lock. Answers the proven for which somebody may wait: whatever was known before, and the subject.
create function portcullis.store_transactions(list jsonb, subject bytea) returns bytea[] language plpgsql as $$
declare
  given record;
  held portcullis.transaction%rowtype;
  fresh bytea[];
  placed bytea[];
  proven bytea[];
  block bytea;
begin
  with stored as (
    insert into portcullis.transaction (txid, raw, bump, bump_root, block_hash, block_height)
      select named.txid, decode(named.t->>'raw', 'hex'), case when best.hash is not null then decode(named.t->>'bump', 'hex') end,
        case when best.hash is not null then decode(named.t->>'root', 'hex') end, best.hash, case when best.hash is not null then (named.t->>'height')::int end
      from (select distinct on (1) decode(t->>'txid', 'hex') as txid, t from jsonb_array_elements(list) t order by 1, t ? 'bump' desc) named
      left join lateral (select h.hash from portcullis.block_header h
        where h.height = (named.t->>'height')::int and h.is_best and substring(h.header from 37 for 32) = decode(named.t->>'root', 'hex') offset 0) best on true
      order by 1
      on conflict do nothing returning txid, block_hash
  ) select coalesce(array_agg(txid), '{}'), coalesce(array_agg(txid) filter (where block_hash is not null), '{}') into fresh, placed from stored;
  proven := case when subject = any(placed) then array[subject] else '{}' end;
  if cardinality(fresh) = jsonb_array_length(list) and cardinality(placed) = jsonb_array_length(jsonb_path_query_array(list, '$[*].bump')) then
    return proven;
  end if;
  for given in
    select distinct on (1) decode(t->>'txid', 'hex') as txid, decode(t->>'bump', 'hex') as bump, decode(t->>'root', 'hex') as root,
      (t->>'height')::int as height, known.bump is null as is_open
    from jsonb_array_elements(list) t
    left join lateral (select x.bump from portcullis.transaction x where x.txid = decode(t->>'txid', 'hex') offset 0) known on true
    where not decode(t->>'txid', 'hex') = any(case when t ? 'bump' then placed else fresh end) order by 1, t ? 'bump' desc
  loop
    if given.txid = subject or (given.bump is not null and given.is_open) then
      select * into strict held from portcullis.transaction x where x.txid = given.txid for update;
    else
      select * into strict held from portcullis.transaction x where x.txid = given.txid for share;
    end if;
    if held.bump is null then
      if given.bump is null then
        if held.refused_at is not null then
          perform portcullis.refuse('parent-retracted', portcullis.wire(given.txid) || ' was refused by the network');
        end if;
        continue;
      end if;
      select h.hash into block from portcullis.block_header h
        where h.height = given.height and h.is_best and substring(h.header from 37 for 32) = given.root;
      if not found then
        perform portcullis.refuse('chain-unsettled', 'the block of ' || portcullis.wire(given.txid) || ' is not in the best chain now');
      end if;
      update portcullis.transaction x set bump = given.bump, bump_root = given.root, block_hash = block, block_height = given.height,
        refused_at = null where x.txid = given.txid;
    end if;
    proven := array_append(proven, given.txid);
  end loop;
  return proven;
end $$;

-- What of these is in a block of our best chain, and waited for, is settled; most often nobody waits.
create function portcullis.settle_known(proven bytea[], moves jsonb) returns void language plpgsql as $$
begin
  if exists (select from unnest(proven) given (txid)
      where exists (select from portcullis.transition t where t.txid = given.txid and moves ? t.settlement offset 0)
        or exists (select from portcullis.payment_claim c where c.txid = given.txid and moves ? c.settlement offset 0)) then
    perform portcullis.settle_proven((select jsonb_agg(jsonb_build_object('txid', encode(given.txid, 'hex'))) from unnest(proven) given (txid)), moves);
  end if;
end $$;

/*
 * What is spent leaves its baskets, whoever's they are; answers what left those of the tenant. Its transactions are locked, so nothing of it comes into a
 * basket after the look. Where something is held in reserve, check_reserved comes first, since reservations are locked before outputs. What is reserved or
 * relinquished between the look and the update has the whole statement run again, by the caller's rule for serialisation failures. A reservation that had
 * run out is forgotten, so that what is reserved and removed was consumed.
 */
create function portcullis.take_from_baskets(asked jsonb) returns jsonb language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  clock constant timestamptz := clock_timestamp();
  given record;
  removed jsonb[] := '{}';
begin
  if not asked ? 'reservation' then
    for given in
      select distinct b.txid, b.vout, b.organisation, b.basket, decode(s->>'spender', 'hex') as spender, s->>'printed' as printed,
        bool_or(b.organisation = tenant and b.reserved_until > clock) over () as is_reserved
      from jsonb_array_elements(asked->'spends') s
      cross join lateral (select h.* from portcullis.basket_output h where h.txid = substring(decode(s->>'outpoint', 'hex') from 1 for 32)
        and h.vout = portcullis.vout_of(decode(s->>'outpoint', 'hex')) offset 0) b
      where b.removed_by is null and not b.retracted and not b.relinquished order by 1, 2, 3
    loop
      exit when given.is_reserved;
      update portcullis.basket_output b set removed_by = given.spender,
          reserved_by = case when b.reserved_until > clock then b.reserved_by end, reserved_until = case when b.reserved_until > clock then b.reserved_until end
        where b.organisation = given.organisation and b.txid = given.txid and b.vout = given.vout
          and num_nulls(b.removed_by) = 1 and not b.retracted and not b.relinquished
          and (b.organisation <> tenant or b.reserved_by is null or b.reserved_until <= clock);
      if not found then raise exception 'an output was reserved or relinquished meanwhile' using errcode = 'serialization_failure'; end if;
      continue when given.organisation <> tenant;
      removed := array_append(removed, jsonb_build_object('basket', given.basket, 'outpoint', given.printed));
    end loop;
    if given.is_reserved is not true then
      if cardinality(removed) < 2 then return to_jsonb(removed); end if;
      return (select jsonb_agg(r order by r->>'basket', r->>'outpoint') from unnest(removed) r);
    end if;
  end if;
  perform portcullis.check_reserved(asked);
  return (select coalesce(jsonb_agg(jsonb_build_object('basket', b.basket, 'outpoint', b.printed) order by b.basket, b.printed)
    filter (where b.organisation = tenant), '[]') from portcullis.empty_baskets(asked->'spends') b);
end $$;
`;

/** Nothing is looked up by these: a transition is never deleted, and fsck reads whole tables anyway. Each was one more entry at a random place for a row. */
export const IDLE_INDEXES = `
drop index portcullis.applied_transaction_transition;
drop index portcullis.topic_output_transition;
drop index portcullis.basket_output_transition;
`;
