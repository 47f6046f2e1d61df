/** A group in one pass, as it also tells each topic what changed. */
export const TOPIC_GROUP = `
drop function portcullis.apply_together(jsonb, bytea[], uuid[]);

-- Nobody's payment, offer or reservation, no key twice, nobody's parent and one event to settle by: what one item does is nothing to the others.
create or replace function portcullis.are_apart(list jsonb, transactions jsonb, spends jsonb) returns boolean language plpgsql as $$
declare
  subjects constant text[] := array(select item->>'txid' from jsonb_array_elements(list) item);
begin
  return not exists (select from jsonb_array_elements(list) item
      where item ?| '{payment,offer,reservation}' or item->'mined' <> list->0->'mined')
    and cardinality(subjects) = (select count(distinct item->>'txid') from jsonb_array_elements(list) item)
    and cardinality(subjects) = (select count(distinct (item->>'organisation', item->>'requestKey')) from jsonb_array_elements(list) item)
    and not exists (select from jsonb_array_elements(transactions) t
      where t->>'txid' = any(subjects) and t->>'txid' <> subjects[(t->>'item')::int])
    and not exists (select from jsonb_array_elements(spends) s where left(s->>'outpoint', 64) = any(subjects));
end $$;

create function portcullis.apply_together(plans jsonb, subjects bytea[], made uuid[]) returns portcullis.topic_change[] language plpgsql as $$
declare
  applied bigint;
  spent portcullis.topic_change[];
  changes portcullis.topic_change[];
begin
  insert into portcullis.applied_transaction (topic, txid, transition_id)
    select p->>'topic', subjects[(p->>'item')::int], made[(p->>'item')::int] from jsonb_array_elements(plans) p order by 1, 2
    on conflict do nothing;
  get diagnostics applied = row_count;
  if applied < jsonb_array_length(plans) then perform portcullis.give_way(); end if;
  spent := array(select portcullis.spend_coins(p->>'topic', p->'coins', subjects[(p->>'item')::int])
    from jsonb_array_elements(plans) with ordinality given (p, place) order by place);
  if exists (select from jsonb_array_elements(plans) p
      cross join lateral (select s.outpoint from portcullis.spent_outpoint s where s.spender_txid = subjects[(p->>'item')::int] offset 0) spent
      cross join lateral (select from portcullis.topic_output t
        where t.topic = p->>'topic' and t.txid = substring(spent.outpoint from 1 for 32) and t.vout = portcullis.vout_of(spent.outpoint)
          and t.spent_by is null and not t.retracted offset 0) unplanned) then
    perform portcullis.give_way();
  end if;
  with admitted as (
    insert into portcullis.topic_output as o (topic, txid, vout, satoshis, locking_script, transition_id, spent_by)
    select p->>'topic', subjects[(p->>'item')::int], (a->>'vout')::int, (a->>'satoshis')::bigint, decode(a->>'script', 'hex'), made[(p->>'item')::int],
      (select l.txid from portcullis.spent_outpoint s
        cross join lateral (select b.txid from portcullis.applied_transaction b where b.topic = p->>'topic' and b.txid = s.spender_txid offset 0) l
        where s.outpoint = portcullis.make_outpoint(subjects[(p->>'item')::int], (a->>'vout')::bigint))
    from jsonb_array_elements(plans) p, jsonb_array_elements(p->'admit') a order by 1, 2, 3
    on conflict (topic, txid, vout) do update set retracted = false, retained = false, spent_by = excluded.spent_by,
      satoshis = excluded.satoshis, locking_script = excluded.locking_script, transition_id = excluded.transition_id
      where o.retracted
    returning o.topic, o.txid, o.vout, o.satoshis, o.locking_script, o.spent_by, o.evicted_leaf
  ), born as (
    select o.topic, o.txid, count(*) as admitted, count(*) filter (where o.spent_by is null) as unspent,
      coalesce(sum(o.satoshis) filter (where o.spent_by is null), 0)::bigint as satoshis,
      coalesce(sum(portcullis.digest_element(o.topic, 0, portcullis.make_outpoint(o.txid, o.vout), o.satoshis, o.locking_script))
        filter (where o.spent_by is null), 0) as digest,
      coalesce(array_agg(o.vout order by o.vout) filter (where o.evicted_leaf is null), '{}') as vouts,
      coalesce(jsonb_agg(jsonb_build_object('txid', encode(o.txid, 'hex'), 'vout', o.vout, 'retained', false, 'spender', encode(o.spent_by, 'hex'))
        order by o.vout) filter (where o.spent_by is not null), '[]') as spent
    from admitted o group by o.topic, o.txid
  ) select array_agg(row(s.topic, (p->>'item')::int, coalesce(b.vouts, '{}'), s.spent || coalesce(b.spent, '[]'), coalesce(b.admitted, 0),
      s.unspent + coalesce(b.unspent, 0), s.retained, s.satoshis + coalesce(b.satoshis, 0), 1, s.digest + coalesce(b.digest, 0))::portcullis.topic_change)
    into changes
    from jsonb_array_elements(plans) with ordinality given (p, place) join unnest(spent) with ordinality s on s.ordinality = given.place
    left join born b on b.topic = s.topic and b.txid = subjects[(p->>'item')::int];
  insert into portcullis.topic_output_key (topic, key, txid, vout)
    select distinct p->>'topic', k.key, subjects[(p->>'item')::int], (a->>'vout')::int
    from jsonb_array_elements(plans) p, jsonb_array_elements(p->'admit') a, jsonb_array_elements_text(a->'keys') as k (key)
    on conflict do nothing;
  return changes;
end $$;

create or replace function portcullis.commit_apart(list jsonb, transactions jsonb, spends jsonb) returns jsonb[] language plpgsql as $$
declare
  made uuid[];
  tenants text[];
  subjects bytea[];
  removed jsonb[];
  leaves bigint[];
  receipts jsonb[];
  written bigint;
begin
  select array_agg((item->>'id')::uuid order by place), array_agg(item->>'organisation' order by place),
      array_agg(decode(item->>'txid', 'hex') order by place) into made, tenants, subjects
    from jsonb_array_elements(list) with ordinality given (item, place);
  if portcullis.touches_reserved(spends, tenants) then perform portcullis.give_way(); end if;
  perform portcullis.store_together(transactions);
  perform portcullis.claim_spends(spends);
  removed := portcullis.empty_together(spends, tenants);
  with chained as (
    insert into portcullis.audit_leaf (organisation, leaf)
      select item->>'organisation', decode(item->>'leaf', 'hex') from jsonb_array_elements(list) with ordinality given (item, place) order by place
      returning index
  ) select array_agg(index order by index) into leaves from chained;
  -- Whoever chains a leaf holds the head until its end, so these are one after another and in the order of the items.
  if leaves[cardinality(leaves)] - leaves[1] + 1 <> cardinality(made) then perform portcullis.give_way(); end if;
  receipts := array(select (item->'receipt') || jsonb_build_object('auditLeaf', leaves[place], 'basketsRemoved', removed[place])
    from jsonb_array_elements(list) with ordinality given (item, place) order by place);
  insert into portcullis.transition
      (id, organisation, identity_key, request_key, request_digest, request_id, txid, topics, settlement, receipt, leaf_index, labels, off_chain_values)
    select (item->>'id')::uuid, item->>'organisation', item->>'identityKey', item->>'requestKey', decode(item->>'requestDigest', 'hex'), item->>'requestId',
      decode(item->>'txid', 'hex'), array(select jsonb_array_elements_text(item->'topics')), 'applied', receipts[place], leaves[place],
      array(select jsonb_array_elements_text(item->'labels')), decode(item->>'offChainValues', 'hex')
    from jsonb_array_elements(list) with ordinality given (item, place) order by place
    on conflict (organisation, request_key) do nothing;
  get diagnostics written = row_count;
  if written < cardinality(made) then perform portcullis.give_way(); end if;
  perform portcullis.tell_topics(portcullis.apply_together(portcullis.flatten(list, 'plans'), subjects, made), 'applied', leaves, made, subjects);
  perform portcullis.fill_together(portcullis.flatten(list, 'baskets'), subjects, tenants, made);
  insert into portcullis.settlement_event (transition_id, seq, settlement, detail) select unnest(made), 0, 'applied', '{}';
  insert into portcullis.outbox (dedupe_key, organisation, kind, txid, transition_id, payload)
    select m->>'dedupeKey', tenants[(m->>'item')::int], m->>'kind', decode(m->>'txid', 'hex'), made[(m->>'item')::int], m->'payload'
    from jsonb_array_elements(portcullis.flatten(list, 'outbox')) m order by 1, (m->>'item')::int
    on conflict do nothing;
  perform pg_notify('portcullis_outbox', '');
  perform portcullis.settle_proven(transactions, list->0->'mined');
  return array(select jsonb_build_object('kind', 'applied', 'receipt', receipts[place], 'transitionId', made[place], 'leafIndex', leaves[place])
    from generate_subscripts(made, 1) place order by place);
end $$;
`;
