/**
 * THE COMMIT, alone and as one of a group, as lean-commit and topic-group had it, with what it relies on asked once more and written down. Read
 * ops/decisions/0045.
 */
export const RELYING_COMMIT = `
create or replace function portcullis.commit_transition(asked jsonb) returns jsonb language plpgsql as $$
declare
  made constant uuid := (asked->>'id')::uuid;
  tenant constant text := asked->>'organisation';
  subject constant bytea := decode(asked->>'txid', 'hex');
  held portcullis.transition%rowtype;
  proven bytea[];
  changes portcullis.topic_change[];
  change portcullis.topic_change;
  removed jsonb;
  answer jsonb;
  place bigint;
  clock timestamptz;
begin
  perform pg_advisory_xact_lock_shared(7364951);
  insert into portcullis.transition (id, organisation, identity_key, request_key, request_digest, request_id, txid, topics, settlement,
      labels, off_chain_values, policy_version)
    values (made, tenant, asked->>'identityKey', asked->>'requestKey', decode(asked->>'requestDigest', 'hex'),
      asked->>'requestId', subject, array(select jsonb_array_elements_text(asked->'topics')), 'applied',
      array(select jsonb_array_elements_text(asked->'labels')), decode(asked->>'offChainValues', 'hex'),
      decode(asked->>'policyVersion', 'hex'))
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
  proven := portcullis.store_transactions(asked->'transactions', subject);
  perform portcullis.claim_spends(asked->'spends');
  if asked ? 'relies' then perform portcullis.rely(asked->'relies', made); end if;
  if jsonb_array_length(asked->'plans') = 1 then
    changes := array[portcullis.apply_topic(asked->'plans'->0, subject, made)];
  else
    changes := array(select portcullis.apply_topic(plan, subject, made) from (
      select plan from jsonb_array_elements(asked->'plans') plan order by plan->>'topic' offset 0) sorted);
  end if;
  removed := portcullis.take_from_baskets(asked);
  if jsonb_array_length(asked->'baskets') > 0 then perform portcullis.fill_baskets(asked->'baskets', subject, tenant, made); end if;
  insert into portcullis.settlement_event (transition_id, seq, settlement, detail) values (made, 0, 'applied', '{}');
  if jsonb_array_length(asked->'outbox') > 0 then perform portcullis.file_outbox(asked->'outbox', tenant, made); end if;
  if asked ? 'payment' then perform portcullis.settle_proven(asked->'transactions', asked->'mined');
  elsif cardinality(proven) > 0 then perform portcullis.settle_known(proven, asked->'mined');
  end if;
  -- Last, because the head of the audit is the one row that every COMMIT waits for.
  insert into portcullis.audit_leaf (organisation, leaf) values (tenant, decode(asked->>'leaf', 'hex')) returning index, at into place, clock;
  foreach change in array changes loop
    insert into portcullis.topic_event (topic, position, kind, transition_id, txid, admitted, spent, at)
      values (change.topic, place, 'applied', made, subject, change.vouts, change.spent, clock);
    perform portcullis.tally_topic(change);
  end loop;
  perform pg_notify('portcullis_events', '');
  answer := (asked->'receipt') || jsonb_build_object('auditLeaf', place, 'basketsRemoved', removed);
  update portcullis.transition t set receipt = answer, leaf_index = place where t.id = made;
  if asked ? 'payment' then update portcullis.payment_claim c set leaf_index = place where c.transition_id = made; end if;
  return jsonb_build_object('kind', 'applied', 'receipt', answer, 'transitionId', made, 'leafIndex', place);
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
      (id, organisation, identity_key, request_key, request_digest, request_id, txid, topics, settlement, receipt, leaf_index, labels, off_chain_values,
       policy_version)
    select (item->>'id')::uuid, item->>'organisation', item->>'identityKey', item->>'requestKey', decode(item->>'requestDigest', 'hex'), item->>'requestId',
      decode(item->>'txid', 'hex'), array(select jsonb_array_elements_text(item->'topics')), 'applied', receipts[place], leaves[place],
      array(select jsonb_array_elements_text(item->'labels')), decode(item->>'offChainValues', 'hex'),
      decode(item->>'policyVersion', 'hex')
    from jsonb_array_elements(list) with ordinality given (item, place) order by place
    on conflict (organisation, request_key) do nothing;
  get diagnostics written = row_count;
  if written < cardinality(made) then perform portcullis.give_way(); end if;
  perform portcullis.rely(item->'relies', (item->>'id')::uuid) from jsonb_array_elements(list) item where item ? 'relies';
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
