/**
 * THE COMMIT, with the rows, refusals and order of locks that topic-commit had, in fewer statements: each costs PostgreSQL more to begin and to end than a
 * row costs to write. Read ops/decisions/0003 for the order of the steps and 0038 for what costs how much.
 */
export const LEAN_COMMIT = `
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
  proven := portcullis.store_transactions(asked->'transactions', subject);
  perform portcullis.claim_spends(asked->'spends');
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
`;
