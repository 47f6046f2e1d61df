/** THE COMMIT, as it also tells each topic what changed. See bounded-commit for how its lookups are fenced. */
export const TOPIC_COMMIT = `
drop function portcullis.apply_topic(jsonb, bytea, uuid);
drop function portcullis.spend_coins(text, jsonb, bytea);

create function portcullis.spend_coins(place text, coins jsonb, subject bytea) returns portcullis.topic_change language plpgsql as $$
declare
  coin record;
  held portcullis.topic_output%rowtype;
  change portcullis.topic_change := row(place, 1, '{}'::int[], '[]'::jsonb, 0, 0, 0, 0, 1, 0);
begin
  if jsonb_array_length(coins) = 0 then return change; end if;
  for coin in
    select decode(c->>'txid', 'hex') as txid, (c->>'vout')::int as vout, (c->>'retain')::boolean as retain from jsonb_array_elements(coins) c order by 1, 2
  loop
    update portcullis.topic_output o set spent_by = subject, retained = coin.retain
      where o.topic = place and o.txid = coin.txid and o.vout = coin.vout and o.spent_by is null and not o.retracted
      returning o.* into held;
    if found then
      change.unspent := change.unspent - 1;
      change.satoshis := change.satoshis - held.satoshis;
      change.digest := change.digest
        - portcullis.digest_element(place, 0, portcullis.make_outpoint(held.txid, held.vout), held.satoshis, held.locking_script);
      continue when not coin.retain;
      change.retained := change.retained + 1;
      change.digest := change.digest
        + portcullis.digest_element(place, 1, portcullis.make_outpoint(held.txid, held.vout), held.satoshis, held.locking_script);
      continue;
    end if;
    select * into held from portcullis.topic_output o where o.topic = place and o.txid = coin.txid and o.vout = coin.vout;
    if not found then
      perform portcullis.refuse('coins-changed', 'no coin of ' || portcullis.wire(coin.txid) || ' in ' || place);
    elsif held.retracted then
      perform portcullis.refuse('parent-retracted', portcullis.wire(coin.txid) || ' was refused by the network');
    elsif held.spent_by <> subject then
      perform portcullis.refuse('outpoint-spent', 'a coin of ' || portcullis.wire(coin.txid) || ' is spent by ' || portcullis.wire(held.spent_by));
    end if;
  end loop;
  change.spent := (select jsonb_agg(distinct jsonb_build_object('txid', c->>'txid', 'vout', (c->>'vout')::int, 'retained', (c->>'retain')::boolean))
    from jsonb_array_elements(coins) c);
  return change;
end $$;

create function portcullis.apply_topic(plan jsonb, subject bytea, transition uuid) returns portcullis.topic_change language plpgsql as $$
declare
  place constant text := plan->>'topic';
  lost record;
  born record;
  change portcullis.topic_change;
begin
  insert into portcullis.applied_transaction (topic, txid, transition_id) values (place, subject, transition) on conflict do nothing;
  if not found then
    perform portcullis.refuse('already-applied', portcullis.wire(subject) || ' is applied to ' || place || ' by another request');
  end if;
  change := portcullis.spend_coins(place, plan->'coins', subject);
  -- A coin that the plan does not know was admitted after the topic manager was asked: its verdict is about another state.
  select o.txid into lost from portcullis.spent_outpoint s
    cross join lateral (select t.txid from portcullis.topic_output t
      where t.topic = place and t.txid = substring(s.outpoint from 1 for 32) and t.vout = portcullis.vout_of(s.outpoint)
        and t.spent_by is null and not t.retracted offset 0) o
    where s.spender_txid = subject limit 1;
  if found then
    perform portcullis.refuse('coins-changed', 'a coin of ' || portcullis.wire(lost.txid) || ' was admitted to ' || place || ' meanwhile');
  end if;
  -- An output may arrive after its spender did; if the spender is of this topic it has been judged and is not asked again. Whoever follows the topic is told
  -- that it is spent in the event that admits it. What was evicted stays so, though a retraction and another COMMIT came between.
  with admitted as (
    insert into portcullis.topic_output as o (topic, txid, vout, satoshis, locking_script, transition_id, spent_by)
    select place, subject, (a->>'vout')::int, (a->>'satoshis')::bigint, decode(a->>'script', 'hex'), transition,
      (select p.txid from portcullis.spent_outpoint s
        cross join lateral (select l.txid from portcullis.applied_transaction l where l.topic = place and l.txid = s.spender_txid offset 0) p
        where s.outpoint = portcullis.make_outpoint(subject, (a->>'vout')::bigint))
    from jsonb_array_elements(plan->'admit') a order by 3
    on conflict (topic, txid, vout) do update set retracted = false, retained = false, spent_by = excluded.spent_by,
      satoshis = excluded.satoshis, locking_script = excluded.locking_script, transition_id = excluded.transition_id
      where o.retracted
    returning o.vout, o.satoshis, o.locking_script, o.spent_by, o.evicted_leaf
  ) select count(*) as admitted, count(*) filter (where spent_by is null) as unspent,
      coalesce(sum(satoshis) filter (where spent_by is null), 0)::bigint as satoshis,
      coalesce(sum(portcullis.digest_element(place, 0, portcullis.make_outpoint(subject, vout), satoshis, locking_script))
        filter (where spent_by is null), 0) as digest,
      coalesce(array_agg(vout order by vout) filter (where evicted_leaf is null), '{}') as vouts,
      coalesce(jsonb_agg(jsonb_build_object('txid', encode(subject, 'hex'), 'vout', vout, 'retained', false, 'spender', encode(spent_by, 'hex')) order by vout)
        filter (where spent_by is not null), '[]') as spent
    into born from admitted;
  insert into portcullis.topic_output_key (topic, key, txid, vout)
    select distinct place, k.key, subject, (a->>'vout')::int
    from jsonb_array_elements(plan->'admit') a, jsonb_array_elements_text(a->'keys') as k (key)
    on conflict do nothing;
  change.vouts := born.vouts;
  change.spent := change.spent || born.spent;
  change.admitted := born.admitted;
  change.unspent := change.unspent + born.unspent;
  change.satoshis := change.satoshis + born.satoshis;
  change.digest := change.digest + born.digest;
  return change;
end $$;

create or replace function portcullis.commit_transition(asked jsonb) returns jsonb language plpgsql as $$
declare
  made constant uuid := (asked->>'id')::uuid;
  tenant constant text := asked->>'organisation';
  subject constant bytea := decode(asked->>'txid', 'hex');
  held portcullis.transition%rowtype;
  changes portcullis.topic_change[];
  removed jsonb;
  answer jsonb;
  place bigint;
begin
  perform portcullis.share_ledger();
  insert into portcullis.transition (id, organisation, identity_key, request_key, request_digest, request_id, txid, topics, settlement,
      labels, off_chain_values)
    values (made, tenant, asked->>'identityKey', asked->>'requestKey', decode(asked->>'requestDigest', 'hex'),
      asked->>'requestId', subject, array(select jsonb_array_elements_text(asked->'topics')), 'applied',
      array(select jsonb_array_elements_text(asked->'labels')), decode(asked->>'offChainValues', 'hex'))
    on conflict (organisation, request_key) do nothing;
  if not found then
    select * into strict held from portcullis.transition t where t.organisation = tenant and t.request_key = asked->>'requestKey';
    if held.request_digest <> decode(asked->>'requestDigest', 'hex') then
      perform portcullis.refuse('idempotency-conflict', 'another request holds this key');
    end if;
    return jsonb_build_object('kind', 'replayed', 'receipt', held.receipt, 'transitionId', held.id, 'leafIndex', held.leaf_index);
  end if;
  if asked ? 'payment' then perform portcullis.take_payment(asked, made); end if;
  if asked ? 'offer' then perform portcullis.take_offer(asked, made); end if;
  perform portcullis.store_transactions(asked->'transactions', subject);
  perform portcullis.claim_spends(asked->'spends');
  changes := array(select portcullis.apply_topic(plan, subject, made) from (
    select plan from jsonb_array_elements(asked->'plans') plan order by plan->>'topic' offset 0) sorted);
  perform portcullis.check_reserved(asked);
  select coalesce(jsonb_agg(jsonb_build_object('basket', b.basket, 'outpoint', b.printed) order by b.basket, b.printed)
      filter (where b.organisation = tenant), '[]') into removed
    from portcullis.empty_baskets(asked->'spends') b;
  perform portcullis.fill_baskets(asked->'baskets', subject, tenant, made);
  insert into portcullis.settlement_event (transition_id, seq, settlement, detail) values (made, 0, 'applied', '{}');
  perform portcullis.file_outbox(asked->'outbox', tenant, made);
  perform portcullis.settle_proven(asked->'transactions', asked->'mined');
  -- Last, because the head of the audit is the one row that every COMMIT waits for.
  place := portcullis.append_audit_leaf(tenant, decode(asked->>'leaf', 'hex'));
  perform portcullis.tell_topics(changes, 'applied', array[place], array[made], array[subject]);
  answer := (asked->'receipt') || jsonb_build_object('auditLeaf', place, 'basketsRemoved', removed);
  update portcullis.transition t set receipt = answer, leaf_index = place where t.id = made;
  update portcullis.payment_claim c set leaf_index = place where c.transition_id = made;
  return jsonb_build_object('kind', 'applied', 'receipt', answer, 'transitionId', made, 'leafIndex', place);
end $$;
`;
