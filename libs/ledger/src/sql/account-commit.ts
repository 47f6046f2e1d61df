/**
 * THE COMMIT as relying-commit had it, with what is drawn from an account in place of a payment, and what is left of one. Read ops/decisions/0055.
 */
export const ACCOUNT_COMMIT = `
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
  if asked ? 'payment' then
    perform portcullis.take_payment(asked, made);
    perform portcullis.keep_change(asked);
  elsif asked ? 'draw' then perform portcullis.draw(asked);
  end if;
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
  if asked ? 'payment' then
    update portcullis.payment_claim c set leaf_index = place where c.transition_id = made;
    perform portcullis.note_change_leaf(asked, place);
  elsif asked ? 'draw' then perform portcullis.note_entry_leaf(tenant, asked->'draw'->>'key', place);
  end if;
  return jsonb_build_object('kind', 'applied', 'receipt', answer, 'transitionId', made, 'leafIndex', place);
end $$;
`;

/** Replacing a function forgets its settings: see BoundEveryLookup. */
export const ACCOUNT_SETTINGS = [
  'commit_transition(jsonb)',
  'claim_payment(jsonb)',
  'draw_alone(jsonb)',
  'credit_unserved(jsonb)',
  'end_service(jsonb)',
  'publish_plan(jsonb)',
  'read_account(text, jsonb, text, bytea)',
  'is_request_paid(text, text, bytea, text)',
]
  .map(
    (entrance) =>
      `alter function portcullis.${entrance} set enable_seqscan = off; alter function portcullis.${entrance} set jit = off;`,
  )
  .join('\n');
