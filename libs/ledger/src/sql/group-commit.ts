/**
 * A group in one pass: each table is written once for all items, where one COMMIT after another writes each table once an item. It only ever ACCEPTS, and
 * only what one after another would accept in any order: items that are new and apart from each other. Whatever else it meets, it undoes what it did
 * (PC002) and leaves the group to be halved, down to single COMMITs, whose refusals are the ones that are told. Read ops/decisions/0028.
 */
export const GROUP_PARTS = `
create function portcullis.give_way() returns void language plpgsql as $$
begin
  raise exception 'this group is not committed in one pass' using errcode = 'PC002';
end $$;

create function portcullis.flatten(list jsonb, part text) returns jsonb language sql immutable as $$
  select coalesce(jsonb_agg(row || jsonb_build_object('item', place)), '[]')
  from jsonb_array_elements(list) with ordinality given (item, place), jsonb_array_elements(item->part) row
$$;

-- Nobody's payment, no key twice, nobody's parent and one event to settle by: what one item does is nothing to the others.
create function portcullis.are_apart(list jsonb, transactions jsonb, spends jsonb) returns boolean language plpgsql as $$
declare
  subjects constant text[] := array(select item->>'txid' from jsonb_array_elements(list) item);
begin
  return not exists (select from jsonb_array_elements(list) item where item ? 'payment' or item->'mined' <> list->0->'mined')
    and cardinality(subjects) = (select count(distinct item->>'txid') from jsonb_array_elements(list) item)
    and cardinality(subjects) = (select count(distinct (item->>'organisation', item->>'requestKey')) from jsonb_array_elements(list) item)
    and not exists (select from jsonb_array_elements(transactions) t
      where t->>'txid' = any(subjects) and t->>'txid' <> subjects[(t->>'item')::int])
    and not exists (select from jsonb_array_elements(spends) s where left(s->>'outpoint', 64) = any(subjects));
end $$;

-- The group owns the ledger, so nobody proves, refuses or rewinds a transaction meanwhile and no row needs a lock.
create function portcullis.store_together(transactions jsonb) returns void language plpgsql as $$
begin
  insert into portcullis.transaction (txid, raw, bump, bump_root, block_hash, block_height)
    select given.txid, decode(given.t->>'raw', 'hex'), case when block.hash is not null then decode(given.t->>'bump', 'hex') end,
      case when block.hash is not null then decode(given.t->>'root', 'hex') end, block.hash, case when block.hash is not null then (given.t->>'height')::int end
    from (select distinct on (1) decode(t->>'txid', 'hex') as txid, t from jsonb_array_elements(transactions) t order by 1, t ? 'bump' desc) given
    left join lateral (select h.hash from portcullis.block_header h
      where h.height = (given.t->>'height')::int and h.is_best and substring(h.header from 37 for 32) = decode(given.t->>'root', 'hex') offset 0) block on true
    order by 1
    on conflict do nothing;
  if exists (select from jsonb_array_elements(transactions) t
      cross join lateral (select x.refused_at from portcullis.transaction x where x.txid = decode(t->>'txid', 'hex') and x.bump is null offset 0) held
      where t ? 'bump' or held.refused_at is not null) then
    perform portcullis.give_way();
  end if;
end $$;

create function portcullis.apply_together(plans jsonb, subjects bytea[], made uuid[]) returns void language plpgsql as $$
declare
  applied bigint;
begin
  insert into portcullis.applied_transaction (topic, txid, transition_id)
    select p->>'topic', subjects[(p->>'item')::int], made[(p->>'item')::int] from jsonb_array_elements(plans) p order by 1, 2
    on conflict do nothing;
  get diagnostics applied = row_count;
  if applied < jsonb_array_length(plans) then perform portcullis.give_way(); end if;
  perform portcullis.spend_coins(p->>'topic', p->'coins', subjects[(p->>'item')::int])
    from jsonb_array_elements(plans) p where jsonb_array_length(p->'coins') > 0;
  if exists (select from jsonb_array_elements(plans) p
      cross join lateral (select s.outpoint from portcullis.spent_outpoint s where s.spender_txid = subjects[(p->>'item')::int] offset 0) spent
      cross join lateral (select from portcullis.topic_output t
        where t.topic = p->>'topic' and t.txid = substring(spent.outpoint from 1 for 32) and t.vout = portcullis.vout_of(spent.outpoint)
          and t.spent_by is null and not t.retracted offset 0) unplanned) then
    perform portcullis.give_way();
  end if;
  insert into portcullis.topic_output as o (topic, txid, vout, satoshis, locking_script, transition_id, spent_by)
    select p->>'topic', subjects[(p->>'item')::int], (a->>'vout')::int, (a->>'satoshis')::bigint, decode(a->>'script', 'hex'), made[(p->>'item')::int],
      (select l.txid from portcullis.spent_outpoint s
        cross join lateral (select b.txid from portcullis.applied_transaction b where b.topic = p->>'topic' and b.txid = s.spender_txid offset 0) l
        where s.outpoint = portcullis.make_outpoint(subjects[(p->>'item')::int], (a->>'vout')::bigint))
    from jsonb_array_elements(plans) p, jsonb_array_elements(p->'admit') a order by 1, 2, 3
    on conflict (topic, txid, vout) do update set retracted = false, retained = false, spent_by = excluded.spent_by,
      satoshis = excluded.satoshis, locking_script = excluded.locking_script, transition_id = excluded.transition_id
      where o.retracted;
  insert into portcullis.topic_output_key (topic, key, txid, vout)
    select distinct p->>'topic', k.key, subjects[(p->>'item')::int], (a->>'vout')::int
    from jsonb_array_elements(plans) p, jsonb_array_elements(p->'admit') a, jsonb_array_elements_text(a->'keys') as k (key)
    on conflict do nothing;
end $$;

create function portcullis.fill_together(baskets jsonb, subjects bytea[], tenants text[], made uuid[]) returns void language plpgsql as $$
declare
  filled bigint;
begin
  insert into portcullis.basket_output as b (txid, vout, organisation, basket, satoshis, locking_script, transition_id, removed_by)
    select subjects[(a->>'item')::int], (a->>'vout')::int, tenants[(a->>'item')::int], a->>'basket', (a->>'satoshis')::bigint, decode(a->>'script', 'hex'),
      made[(a->>'item')::int], (select s.spender_txid from portcullis.spent_outpoint s
        where s.outpoint = portcullis.make_outpoint(subjects[(a->>'item')::int], (a->>'vout')::bigint))
    from jsonb_array_elements(baskets) a order by 1, 2
    on conflict (txid, vout) do update set organisation = excluded.organisation, basket = excluded.basket,
      transition_id = excluded.transition_id, removed_by = excluded.removed_by, retracted = false
      where b.retracted;
  get diagnostics filled = row_count;
  if filled < jsonb_array_length(baskets) then perform portcullis.give_way(); end if;
end $$;

-- What leaves the baskets of the tenant, by item: the first that spends it is told so.
create function portcullis.empty_together(spends jsonb, tenants text[]) returns jsonb[] language plpgsql as $$
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

export const GROUP_COMMIT = `
create function portcullis.commit_apart(list jsonb, transactions jsonb, spends jsonb) returns jsonb[] language plpgsql as $$
declare
  made uuid[];
  tenants text[];
  subjects bytea[];
  removed jsonb[];
  first_leaf bigint;
  last_leaf bigint;
  receipts jsonb[];
  written bigint;
begin
  select array_agg((item->>'id')::uuid order by place), array_agg(item->>'organisation' order by place),
      array_agg(decode(item->>'txid', 'hex') order by place) into made, tenants, subjects
    from jsonb_array_elements(list) with ordinality given (item, place);
  perform portcullis.store_together(transactions);
  perform portcullis.claim_spends(spends);
  removed := portcullis.empty_together(spends, tenants);
  with leaves as (
    insert into portcullis.audit_leaf (organisation, leaf)
      select item->>'organisation', decode(item->>'leaf', 'hex') from jsonb_array_elements(list) with ordinality given (item, place) order by place
      returning index
  ) select min(index), max(index) into first_leaf, last_leaf from leaves;
  -- Whoever chains a leaf holds the head until its end, so these are one after another and in the order of the items.
  if last_leaf - first_leaf + 1 <> cardinality(made) then perform portcullis.give_way(); end if;
  receipts := array(select (item->'receipt') || jsonb_build_object('auditLeaf', first_leaf + place - 1, 'basketsRemoved', removed[place])
    from jsonb_array_elements(list) with ordinality given (item, place) order by place);
  insert into portcullis.transition
      (id, organisation, identity_key, request_key, request_digest, request_id, txid, topics, settlement, receipt, leaf_index)
    select (item->>'id')::uuid, item->>'organisation', item->>'identityKey', item->>'requestKey', decode(item->>'requestDigest', 'hex'), item->>'requestId',
      decode(item->>'txid', 'hex'), array(select jsonb_array_elements_text(item->'topics')), 'applied', receipts[place], first_leaf + place - 1
    from jsonb_array_elements(list) with ordinality given (item, place) order by place
    on conflict (organisation, request_key) do nothing;
  get diagnostics written = row_count;
  if written < cardinality(made) then perform portcullis.give_way(); end if;
  perform portcullis.apply_together(portcullis.flatten(list, 'plans'), subjects, made);
  perform portcullis.fill_together(portcullis.flatten(list, 'baskets'), subjects, tenants, made);
  insert into portcullis.settlement_event (transition_id, seq, settlement, detail) select unnest(made), 0, 'applied', '{}';
  insert into portcullis.outbox (dedupe_key, organisation, kind, txid, transition_id, payload)
    select m->>'dedupeKey', tenants[(m->>'item')::int], m->>'kind', decode(m->>'txid', 'hex'), made[(m->>'item')::int], m->'payload'
    from jsonb_array_elements(portcullis.flatten(list, 'outbox')) m order by 1, (m->>'item')::int
    on conflict do nothing;
  perform pg_notify('portcullis_outbox', '');
  perform portcullis.settle_proven(transactions, list->0->'mined');
  return array(select jsonb_build_object('kind', 'applied', 'receipt', receipts[place], 'transitionId', made[place], 'leafIndex', first_leaf + place - 1)
    from generate_subscripts(made, 1) place order by place);
end $$;

-- In their order; each half sees what the half before it changed.
create function portcullis.commit_run(list jsonb) returns jsonb[] language plpgsql as $$
declare
  size constant int := jsonb_array_length(list);
  transactions jsonb;
  spends jsonb;
  code text;
  reason text;
begin
  if size = 0 then return '{}'; end if;
  if size = 1 then
    begin
      return array[portcullis.commit_transition(list->0)];
    exception when sqlstate 'PC001' then
      get stacked diagnostics code = message_text, reason = pg_exception_detail;
      return array[jsonb_build_object('refused', code, 'detail', reason)];
    end;
  end if;
  transactions := portcullis.flatten(list, 'transactions');
  spends := portcullis.flatten(list, 'spends');
  if portcullis.are_apart(list, transactions, spends) then
    begin
      return portcullis.commit_apart(list, transactions, spends);
    exception when sqlstate 'PC001' or sqlstate 'PC002' then
      null;
    end;
  end if;
  return portcullis.commit_run(jsonb_path_query_array(list, '$[0 to $last]', jsonb_build_object('last', size / 2 - 1)))
    || portcullis.commit_run(jsonb_path_query_array(list, '$[$first to last]', jsonb_build_object('first', size / 2)));
end $$;

-- The ledger is owned and not shared: a group holds the audit head and many outpoints, in no order that another COMMIT could keep to.
create or replace function portcullis.commit_transitions(list jsonb) returns jsonb language plpgsql as $$
begin
  perform portcullis.own_ledger();
  return to_jsonb(portcullis.commit_run(list));
end $$;
`;
