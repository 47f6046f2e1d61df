/** Retraction and eviction, as they tell each topic what changed. */
export const TOPIC_RETRACT = `
-- What the topics lose and get back when these go; read before anything of it is done. A coin between two that go is lost with the first of them, and is
-- given back in no sum, though the event of the second says so.
create function portcullis.list_taken_back(gone bytea[], refs uuid[]) returns portcullis.topic_change[] language sql as $$
  select array_agg(row(a.topic, r.item::int, mine.vouts, given.spent, -mine.admitted, given.coins - mine.unspent, -mine.retained - given.retained,
      given.satoshis - mine.satoshis, -1, given.digest - mine.digest)::portcullis.topic_change)
  from unnest(gone) g (txid)
  cross join lateral (select l.topic, l.txid, l.transition_id from portcullis.applied_transaction l where l.txid = g.txid offset 0) a
  join unnest(refs) with ordinality r (id, item) on r.id = a.transition_id
  cross join lateral (
    select coalesce(array_agg(o.vout order by o.vout), '{}') as vouts, count(*) as admitted, count(*) filter (where o.spent_by is null) as unspent,
      count(*) filter (where o.retained) as retained, coalesce(sum(o.satoshis) filter (where o.spent_by is null), 0)::bigint as satoshis,
      coalesce(sum(portcullis.digest_element(o.topic, case when o.retained then 1 else 0 end, portcullis.make_outpoint(o.txid, o.vout), o.satoshis,
        o.locking_script)) filter (where o.spent_by is null or o.retained), 0) as digest
    from (select h.* from portcullis.topic_output h where h.topic = a.topic and h.txid = a.txid and not h.retracted offset 0) o) mine
  cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object('txid', encode(o.txid, 'hex'), 'vout', o.vout, 'retained', o.retained)), '[]') as spent,
      count(*) filter (where o.stays) as coins, count(*) filter (where o.stays and o.retained) as retained,
      coalesce(sum(o.satoshis) filter (where o.stays), 0)::bigint as satoshis,
      coalesce(sum(portcullis.digest_element(o.topic, 0, portcullis.make_outpoint(o.txid, o.vout), o.satoshis, o.locking_script)) filter (where o.stays), 0)
        - coalesce(sum(portcullis.digest_element(o.topic, 1, portcullis.make_outpoint(o.txid, o.vout), o.satoshis, o.locking_script))
          filter (where o.stays and o.retained), 0) as digest
    from (select h.*, h.txid <> all(gone) as stays from portcullis.topic_output h where h.spent_by = a.txid offset 0) o
    where o.topic = a.topic and not o.retracted) given
$$;

-- Null when what the caller read is no longer so. leaves: [{ref, leaf}] in the order of list_retractions.
create or replace function portcullis.retract(subject bytea, leaves jsonb, moves jsonb, reason text) returns bytea[] language plpgsql as $$
declare
  gone bytea[];
  listed record;
  place bigint;
  changes portcullis.topic_change[];
  refs uuid[] := '{}';
  subjects bytea[] := '{}';
  places bigint[] := '{}';
begin
  perform portcullis.own_ledger();
  if array(select r.ref from portcullis.list_retractions(subject) r order by 1) is distinct from
     array(select l->>'ref' from jsonb_array_elements(leaves) l order by 1) then
    return null;
  end if;
  gone := array(select d.txid from portcullis.list_dependants(subject) d
    cross join lateral (select from portcullis.transaction x where x.txid = d.txid and x.refused_at is null offset 0) held order by d.depth desc, d.txid);
  select array_agg(t.id order by l.place), array_agg(t.txid order by l.place) into refs, subjects
    from jsonb_array_elements(leaves) with ordinality l (value, place)
    join (select h.* from unnest(gone) g (txid) cross join lateral (
        select k.id, k.txid from portcullis.transition k where k.txid = g.txid and k.settlement <> 'retracted' offset 0) h) t on t.id::text = l.value->>'ref';
  changes := portcullis.list_taken_back(gone, refs);
  update portcullis.transaction x set refused_at = now() where x.txid = any(gone);
  perform portcullis.move_settlements(gone, moves, jsonb_build_object('reason', reason));
  delete from portcullis.applied_transaction a where a.txid = any(gone);
  update portcullis.topic_output o set retracted = true where o.txid = any(gone);
  update portcullis.basket_output b set retracted = true where b.txid = any(gone);
  delete from portcullis.outbox o where o.txid = any(gone);
  perform portcullis.release_idle_ancestors(portcullis.release_spends(gone));
  perform portcullis.reopen_offers(refs);
  for listed in
    select r.id, r.organisation, decode(l.value->>'leaf', 'hex') as leaf from jsonb_array_elements(leaves) with ordinality l (value, place)
    join (
      select t.id::text as ref, t.id, t.organisation from portcullis.transition t where t.txid = any(gone)
      union all select encode(c.outpoint, 'hex'), null, c.organisation from portcullis.payment_claim c where c.txid = any(gone)
    ) r on r.ref = l.value->>'ref' order by l.place
  loop
    place := portcullis.append_audit_leaf(listed.organisation, listed.leaf);
    if listed.id is not null then places := array_append(places, place); end if;
  end loop;
  perform portcullis.tell_topics(changes, 'retracted', places, refs, subjects);
  return gone;
end $$;

-- An eviction hides an output from every answer. Whoever holds it may still spend it: what is true of a coin is not the host's to change.
create function portcullis.evict_output(asked jsonb) returns jsonb language plpgsql as $$
declare
  subject constant bytea := decode(asked->>'txid', 'hex');
  number constant integer := (asked->>'vout')::integer;
  named text;
  held portcullis.topic_output%rowtype;
  found_in text[] := '{}';
  evicted text[] := '{}';
  made uuid[] := '{}';
  changes portcullis.topic_change[] := '{}';
  place bigint;
begin
  perform portcullis.share_ledger();
  for named in
    select o.topic from (select h.topic from portcullis.topic_output h where h.txid = subject and h.vout = number offset 0) o
    where asked->>'topic' is null or o.topic = asked->>'topic' order by 1
  loop
    select * into strict held from portcullis.topic_output o where o.topic = named and o.txid = subject and o.vout = number for update;
    continue when held.retracted;
    found_in := array_append(found_in, named);
    continue when held.evicted_leaf is not null;
    evicted := array_append(evicted, named);
    made := array_append(made, held.transition_id);
    changes := array_append(changes,
      row(named, cardinality(made), array[number], '[]'::jsonb, 0, 0, 0, 0, 0, 0)::portcullis.topic_change);
  end loop;
  if cardinality(found_in) = 0 then perform portcullis.refuse('output-unknown', portcullis.wire(portcullis.make_outpoint(subject, number))); end if;
  if cardinality(evicted) = 0 then return jsonb_build_object('topics', evicted); end if;
  place := portcullis.record_act('evicted', asked->>'organisation', asked->>'printed', decode(asked->>'leaf', 'hex'));
  foreach named in array evicted loop
    update portcullis.topic_output o set evicted_leaf = place, evicted_reason = asked->>'reason' where o.topic = named and o.txid = subject and o.vout = number;
  end loop;
  perform portcullis.tell_topics(changes, 'evicted', array_fill(place, array[cardinality(made)]), made, array_fill(subject, array[cardinality(made)]));
  return jsonb_build_object('topics', evicted, 'leafIndex', place);
end $$;
`;
