/** THE COMMIT and its smaller sibling. Read ops/decisions/0003 for the order of the steps. */
export const COMMIT_FUNCTIONS = `
create function portcullis.apply_topic(plan jsonb, subject bytea, transition uuid) returns void language plpgsql as $$
declare
  place constant text := plan->>'topic';
  lost record;
begin
  insert into portcullis.applied_transaction (topic, txid, transition_id) values (place, subject, transition) on conflict do nothing;
  if not found then
    perform portcullis.refuse('already-applied', portcullis.wire(subject) || ' is applied to ' || place || ' by another request');
  end if;
  update portcullis.topic_output o set spent_by = subject, retained = (c->>'retain')::boolean
    from jsonb_array_elements(plan->'coins') c
    where o.topic = place and o.txid = decode(c->>'txid', 'hex') and o.vout = (c->>'vout')::int
      and o.spent_by is null and not o.retracted;
  select decode(c->>'txid', 'hex') as txid, o.retracted, o.spent_by into lost from jsonb_array_elements(plan->'coins') c
    left join portcullis.topic_output o on o.topic = place and o.txid = decode(c->>'txid', 'hex') and o.vout = (c->>'vout')::int
    where o.txid is null or o.retracted or o.spent_by <> subject limit 1;
  if found then
    if lost.retracted then
      perform portcullis.refuse('parent-retracted', portcullis.wire(lost.txid) || ' was refused by the network');
    elsif lost.spent_by is not null then
      perform portcullis.refuse('outpoint-spent', 'a coin of ' || portcullis.wire(lost.txid) || ' is spent by ' || portcullis.wire(lost.spent_by));
    end if;
    perform portcullis.refuse('coins-changed', 'no coin of ' || portcullis.wire(lost.txid) || ' in ' || place);
  end if;
  -- A coin that the plan does not know was admitted after the topic manager was asked: its verdict is about another state.
  select o.txid into lost from portcullis.spent_outpoint s
    join portcullis.topic_output o on o.topic = place and o.txid = substring(s.outpoint from 1 for 32) and o.vout = portcullis.vout_of(s.outpoint)
    where s.spender_txid = subject and o.spent_by is null and not o.retracted limit 1;
  if found then
    perform portcullis.refuse('coins-changed', 'a coin of ' || portcullis.wire(lost.txid) || ' was admitted to ' || place || ' meanwhile');
  end if;
  -- An output may arrive after its spender did; if the spender is of this topic it has been judged and is not asked again.
  insert into portcullis.topic_output as o (topic, txid, vout, satoshis, locking_script, transition_id, spent_by)
    select place, subject, (a->>'vout')::int, (a->>'satoshis')::bigint, decode(a->>'script', 'hex'), transition,
      (select s.spender_txid from portcullis.spent_outpoint s
        join portcullis.applied_transaction p on p.topic = place and p.txid = s.spender_txid
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
create function portcullis.empty_baskets(spends jsonb) returns table (organisation text, basket text, printed text) language sql as $$
  with gone as (
    select b.txid, b.vout, decode(s->>'spender', 'hex') as spender, s->>'printed' as printed
    from (select distinct s from jsonb_array_elements(spends) s) given (s)
    join portcullis.basket_output b on b.txid = substring(decode(s->>'outpoint', 'hex') from 1 for 32)
      and b.vout = portcullis.vout_of(decode(s->>'outpoint', 'hex'))
    where b.removed_by is null and not b.retracted order by b.txid, b.vout for update of b
  )
  update portcullis.basket_output b set removed_by = gone.spender from gone
    where b.txid = gone.txid and b.vout = gone.vout and b.removed_by is null
    returning b.organisation, b.basket, gone.printed;
$$;

create function portcullis.fill_baskets(list jsonb, subject bytea, tenant text, transition uuid) returns void language plpgsql as $$
declare taken record;
begin
  insert into portcullis.basket_output as b (txid, vout, organisation, basket, satoshis, locking_script, transition_id, removed_by)
    select subject, (a->>'vout')::int, tenant, a->>'basket', (a->>'satoshis')::bigint, decode(a->>'script', 'hex'), transition,
      (select s.spender_txid from portcullis.spent_outpoint s
        where s.outpoint = portcullis.make_outpoint(subject, (a->>'vout')::bigint))
    from jsonb_array_elements(list) a order by 2
    on conflict (txid, vout) do update set organisation = excluded.organisation, basket = excluded.basket,
      transition_id = excluded.transition_id, removed_by = excluded.removed_by, retracted = false
      where b.retracted;
  select b.vout into taken from jsonb_array_elements(list) a
    join portcullis.basket_output b on b.txid = subject and b.vout = (a->>'vout')::int
    where b.organisation <> tenant or b.basket <> a->>'basket' limit 1;
  if found then
    perform portcullis.refuse('already-applied', 'output ' || taken.vout || ' is in another basket already');
  end if;
end $$;

create function portcullis.file_outbox(list jsonb, tenant text, transition uuid) returns void language plpgsql as $$
begin
  insert into portcullis.outbox (dedupe_key, organisation, kind, txid, transition_id, payload)
    select m->>'dedupeKey', tenant, m->>'kind', decode(m->>'txid', 'hex'), transition, m->'payload'
    from jsonb_array_elements(list) m order by 1
    on conflict do nothing;
  if jsonb_array_length(list) > 0 then perform pg_notify('portcullis_outbox', ''); end if;
end $$;

create function portcullis.commit_transition(asked jsonb) returns jsonb language plpgsql as $$
declare
  made constant uuid := (asked->>'id')::uuid;
  tenant constant text := asked->>'organisation';
  subject constant bytea := decode(asked->>'txid', 'hex');
  held portcullis.transition%rowtype;
  removed jsonb;
  answer jsonb;
  place bigint;
begin
  perform portcullis.share_ledger();
  insert into portcullis.transition (id, organisation, identity_key, request_key, request_digest, request_id, txid, topics, settlement)
    values (made, tenant, asked->>'identityKey', asked->>'requestKey', decode(asked->>'requestDigest', 'hex'),
      asked->>'requestId', subject, array(select jsonb_array_elements_text(asked->'topics')), 'applied')
    on conflict (organisation, request_key) do nothing;
  if not found then
    select * into strict held from portcullis.transition t where t.organisation = tenant and t.request_key = asked->>'requestKey';
    if held.request_digest <> decode(asked->>'requestDigest', 'hex') then
      perform portcullis.refuse('idempotency-conflict', 'another request holds this key');
    end if;
    return jsonb_build_object('kind', 'replayed', 'receipt', held.receipt, 'transitionId', held.id, 'leafIndex', held.leaf_index);
  end if;
  if asked ? 'payment' then perform portcullis.take_payment(asked, made); end if;
  perform portcullis.store_transactions(asked->'transactions', subject);
  perform portcullis.claim_spends(asked->'spends');
  perform portcullis.apply_topic(plan, subject, made) from (
    select plan from jsonb_array_elements(asked->'plans') plan order by plan->>'topic' offset 0) sorted;
  select coalesce(jsonb_agg(jsonb_build_object('basket', b.basket, 'outpoint', b.printed) order by b.basket, b.printed)
      filter (where b.organisation = tenant), '[]') into removed
    from portcullis.empty_baskets(asked->'spends') b;
  perform portcullis.fill_baskets(asked->'baskets', subject, tenant, made);
  insert into portcullis.settlement_event (transition_id, seq, settlement, detail) values (made, 0, 'applied', '{}');
  perform portcullis.file_outbox(asked->'outbox', tenant, made);
  perform portcullis.settle_proven(asked->'transactions', asked->'mined');
  -- Last, because the head of the audit is the one row that every COMMIT waits for.
  place := portcullis.append_audit_leaf(tenant, decode(asked->>'leaf', 'hex'));
  answer := (asked->'receipt') || jsonb_build_object('auditLeaf', place, 'basketsRemoved', removed);
  update portcullis.transition t set receipt = answer, leaf_index = place where t.id = made;
  update portcullis.payment_claim c set leaf_index = place where c.transition_id = made;
  return jsonb_build_object('kind', 'applied', 'receipt', answer, 'transitionId', made, 'leafIndex', place);
end $$;

create function portcullis.claim_payment(asked jsonb) returns text language plpgsql as $$
declare
  paid constant bytea := decode(asked->'payment'->>'outpoint', 'hex');
  place bigint;
begin
  perform portcullis.share_ledger();
  if portcullis.take_payment(asked, null) then return 'replayed'; end if;
  perform portcullis.store_transactions(asked->'transactions', substring(paid from 1 for 32));
  perform portcullis.claim_spends(asked->'spends');
  perform count(*) from portcullis.empty_baskets(asked->'spends');
  perform portcullis.file_outbox(asked->'outbox', asked->>'organisation', null);
  perform portcullis.settle_proven(asked->'transactions', asked->'mined');
  place := portcullis.append_audit_leaf(asked->>'organisation', decode(asked->>'leaf', 'hex'));
  update portcullis.payment_claim c set leaf_index = place where c.outpoint = paid;
  return 'claimed';
end $$;
`;
