/** What a COMMIT does in a topic: each output is counted while it is written, and the state of a topic is changed by its own change alone. */
export const LEAN_TOPICS = `
create or replace function portcullis.spend_coins(place text, coins jsonb, subject bytea) returns portcullis.topic_change language plpgsql as $$
declare
  coin record;
  held portcullis.topic_output%rowtype;
  named bytea;
  spent jsonb[] := '{}';
  change portcullis.topic_change := row(place, 1, '{}'::int[], '[]'::jsonb, 0, 0, 0, 0, 1, 0);
begin
  if jsonb_array_length(coins) = 0 then return change; end if;
  for coin in
    select distinct decode(c->>'txid', 'hex') as txid, (c->>'vout')::int as vout, (c->>'retain')::boolean as retain, c->>'txid' as hex
    from jsonb_array_elements(coins) c order by 1, 2, 3
  loop
    spent := array_append(spent, jsonb_build_object('txid', coin.hex, 'vout', coin.vout, 'retained', coin.retain));
    update portcullis.topic_output o set spent_by = subject, retained = coin.retain
      where o.topic = place and o.txid = coin.txid and o.vout = coin.vout and o.spent_by is null and not o.retracted
      returning o.* into held;
    if found then
      named := portcullis.make_outpoint(held.txid, held.vout);
      change.unspent := change.unspent - 1;
      change.satoshis := change.satoshis - held.satoshis;
      change.digest := change.digest - portcullis.digest_element(place, 0, named, held.satoshis, held.locking_script);
      continue when not coin.retain;
      change.retained := change.retained + 1;
      change.digest := change.digest + portcullis.digest_element(place, 1, named, held.satoshis, held.locking_script);
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
  change.spent := to_jsonb(spent);
  return change;
end $$;

create or replace function portcullis.apply_topic(plan jsonb, subject bytea, transition uuid) returns portcullis.topic_change language plpgsql as $$
declare
  place constant text := plan->>'topic';
  lost record;
  born record;
  vouts integer[] := '{}';
  late jsonb[] := '{}';
  admitted bigint := 0;
  satoshis bigint := 0;
  digest numeric := 0;
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
  for born in
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
  loop
    admitted := admitted + 1;
    if born.evicted_leaf is null then vouts := array_append(vouts, born.vout); end if;
    if born.spent_by is not null then
      late := array_append(late, jsonb_build_object('txid', encode(subject, 'hex'), 'vout', born.vout, 'retained', false, 'spender', encode(born.spent_by, 'hex')));
      continue;
    end if;
    satoshis := satoshis + born.satoshis;
    digest := digest + portcullis.digest_element(place, 0, portcullis.make_outpoint(subject, born.vout), born.satoshis, born.locking_script);
  end loop;
  insert into portcullis.topic_output_key (topic, key, txid, vout)
    select place, k.key, subject, (a->>'vout')::int
    from jsonb_array_elements(plan->'admit') a, jsonb_array_elements_text(a->'keys') as k (key)
    on conflict do nothing;
  return row(place, 1, vouts, change.spent || to_jsonb(late), admitted, change.unspent + admitted - cardinality(late), change.retained,
    change.satoshis + satoshis, 1, change.digest + digest)::portcullis.topic_change;
end $$;

-- Called by whoever holds the head of the audit, so that the rows of two topics are never waited for in a circle.
create function portcullis.tally_topic(change portcullis.topic_change) returns void language plpgsql as $$
declare
  modulus constant numeric := ('1' || repeat('0', 640))::numeric;
begin
  update portcullis.topic_state s set admitted = s.admitted + change.admitted, unspent = s.unspent + change.unspent,
      retained = s.retained + change.retained, satoshis = s.satoshis + change.satoshis, transitions = s.transitions + change.transitions,
      digest = mod(mod(s.digest + change.digest, modulus) + modulus, modulus)
    where s.topic = change.topic;
  if found then return; end if;
  insert into portcullis.topic_state (topic, admitted, unspent, retained, satoshis, transitions, digest)
    values (change.topic, change.admitted, change.unspent, change.retained, change.satoshis, change.transitions, mod(change.digest, modulus));
end $$;
`;
