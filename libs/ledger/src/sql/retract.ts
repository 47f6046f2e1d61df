/** Taking back what the network refused. Runs alone: no COMMIT is in flight between its look and its change. */
export const RETRACT_FUNCTIONS = `
create function portcullis.first_outpoint(txid bytea) returns bytea language sql immutable parallel safe as $$ select txid || '\\x00000000'::bytea $$;
create function portcullis.last_outpoint(txid bytea) returns bytea language sql immutable parallel safe as $$ select txid || '\\xffffffff'::bytea $$;

-- The transaction and all that spend from it, by the longest way there; empty when one of them is proven.
create function portcullis.list_dependants(subject bytea) returns table (txid bytea, depth integer) language plpgsql as $$
declare
  level integer := 0;
  frontier bytea[] := array[subject];
  seen jsonb := '{}';
  name text;
begin
  loop
    if exists (select from portcullis.transaction x where x.txid = any(frontier) and x.bump is not null) then return; end if;
    foreach name in array array(select encode(f, 'hex') from unnest(frontier) f) loop
      seen := seen || jsonb_build_object(name, level);
    end loop;
    frontier := array(select distinct s.spender_txid from unnest(frontier) f
      join portcullis.spent_outpoint s on s.outpoint between portcullis.first_outpoint(f) and portcullis.last_outpoint(f));
    exit when cardinality(frontier) = 0;
    level := level + 1;
  end loop;
  return query select decode(e.key, 'hex'), e.value::int from jsonb_each_text(seen) e;
end $$;

create function portcullis.list_retractions(subject bytea) returns table (kind text, ref text, organisation text, identity_key text,
  request_id text, txid bytea, outpoint bytea) language sql as $$
  select found.kind, found.ref, found.organisation, found.identity_key, found.request_id, found.txid, found.outpoint from (
    select 'transition' as kind, t.id::text as ref, t.organisation, t.identity_key, t.request_id, t.txid, null::bytea as outpoint, d.depth
      from portcullis.list_dependants(subject) d join portcullis.transition t on t.txid = d.txid where t.settlement <> 'retracted'
    union all
    select 'payment', encode(c.outpoint, 'hex'), c.organisation, c.identity_key, coalesce(t.request_id, ''), c.txid, c.outpoint, d.depth
      from portcullis.list_dependants(subject) d join portcullis.payment_claim c on c.txid = d.txid
      left join portcullis.transition t on t.id = c.transition_id where c.settlement <> 'retracted'
  ) found order by found.depth desc, found.txid, found.kind, found.ref
$$;

-- What a transaction changed is changed back; answers the parents whose outputs it no longer spends.
create function portcullis.release_spends(spenders bytea[]) returns bytea[] language plpgsql as $$
declare parents bytea[];
begin
  update portcullis.topic_output o set spent_by = null, retained = false where o.spent_by = any(spenders);
  update portcullis.basket_output b set removed_by = null where b.removed_by = any(spenders);
  with freed as (delete from portcullis.spent_outpoint s where s.spender_txid = any(spenders) returning s.outpoint)
    select array_agg(distinct substring(f.outpoint from 1 for 32)) into parents from freed f;
  return coalesce(parents, '{}');
end $$;

-- An unproven ancestor holds its spends for the sake of those that stand on it. When nobody does any more, it gives them back.
create function portcullis.release_idle_ancestors(candidates bytea[]) returns void language plpgsql as $$
declare idle bytea[] := candidates;
begin
  loop
    idle := array(select x.txid from portcullis.transaction x where x.txid = any(idle) and x.bump is null
      and not exists (select from portcullis.transition t where t.txid = x.txid and t.settlement <> 'retracted')
      and not exists (select from portcullis.payment_claim c where c.txid = x.txid and c.settlement <> 'retracted')
      and not exists (select from portcullis.spent_outpoint s
        where s.outpoint between portcullis.first_outpoint(x.txid) and portcullis.last_outpoint(x.txid)));
    exit when cardinality(idle) = 0;
    idle := portcullis.release_spends(idle);
  end loop;
end $$;

-- Null when what the caller read is no longer so. leaves: [{ref, leaf}] in the order of list_retractions.
create function portcullis.retract(subject bytea, leaves jsonb, moves jsonb, reason text) returns bytea[] language plpgsql as $$
declare
  gone bytea[];
  listed record;
begin
  perform portcullis.own_ledger();
  if array(select r.ref from portcullis.list_retractions(subject) r order by 1) is distinct from
     array(select l->>'ref' from jsonb_array_elements(leaves) l order by 1) then
    return null;
  end if;
  gone := array(select d.txid from portcullis.list_dependants(subject) d join portcullis.transaction x on x.txid = d.txid
    where x.refused_at is null order by d.depth desc, d.txid);
  update portcullis.transaction x set refused_at = now() where x.txid = any(gone);
  perform portcullis.move_settlements(gone, moves, jsonb_build_object('reason', reason));
  delete from portcullis.applied_transaction a where a.txid = any(gone);
  update portcullis.topic_output o set retracted = true where o.txid = any(gone);
  update portcullis.basket_output b set retracted = true where b.txid = any(gone);
  delete from portcullis.outbox o where o.txid = any(gone);
  perform portcullis.release_idle_ancestors(portcullis.release_spends(gone));
  for listed in
    select r.organisation, decode(l.value->>'leaf', 'hex') as leaf from jsonb_array_elements(leaves) with ordinality l (value, place)
    join (
      select t.id::text as ref, t.organisation from portcullis.transition t where t.txid = any(gone)
      union all select encode(c.outpoint, 'hex'), c.organisation from portcullis.payment_claim c where c.txid = any(gone)
    ) r on r.ref = l.value->>'ref' order by l.place
  loop
    perform portcullis.append_audit_leaf(listed.organisation, listed.leaf);
  end loop;
  return gone;
end $$;
`;
