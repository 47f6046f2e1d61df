/**
 * What a removal makes superfluous, looked up and never stored: a COMMIT that followed a chain of retained coins to its beginning would have no bound.
 */
export const TOPIC_HISTORY = `
-- Whether all that a transaction brought to a topic was spent there up to this position, and what was retained of it led to nothing that is left. \`known\`: the
-- transactions of which that is known. One that brought nothing keeps what it retained. Looks at no more than 1,000 transactions, and says no beyond.
create function portcullis.is_used_up(place text, subject bytea, upto bigint, known bytea[]) returns boolean language plpgsql as $$
declare
  queue bytea[] := array[subject];
  seen integer := 1;
  output record;
  brought boolean;
begin
  while seen <= cardinality(queue) loop
    brought := false;
    for output in
      select o.spent_by, o.retained, spent.leaf_index from (
        select h.* from portcullis.topic_output h where h.topic = place and h.txid = queue[seen] and not h.retracted offset 0) o
      left join lateral (select a.transition_id from portcullis.applied_transaction a where a.topic = place and a.txid = o.spent_by offset 0) by on true
      left join lateral (select t.leaf_index from portcullis.transition t where t.id = by.transition_id offset 0) spent on true
    loop
      brought := true;
      if output.leaf_index is null or output.leaf_index > upto then return false; end if;
      if output.retained and output.spent_by <> all(known) and output.spent_by <> all(queue) then
        queue := array_append(queue, output.spent_by);
        if cardinality(queue) > 1000 then return false; end if;
      end if;
    end loop;
    if not brought then return false; end if;
    seen := seen + 1;
  end loop;
  return true;
end $$;

-- The retained coins that nothing needs any more since these were removed at this position, nearest first, each once.
create function portcullis.list_released(place text, removed bytea[], upto bigint, skipped integer, most integer)
returns table (txid bytea, vout integer) language plpgsql as $$
declare
  queue bytea[] := array(select distinct substring(coin from 1 for 32) from unnest(removed) coin order by 1);
  seen integer := 1;
  known bytea[] := '{}';
  txids bytea[] := '{}';
  vouts integer[] := '{}';
  coin record;
begin
  while seen <= cardinality(queue) and cardinality(txids) < skipped + most loop
    if queue[seen] <> all(known) and portcullis.is_used_up(place, queue[seen], upto, known) then
      known := array_append(known, queue[seen]);
      for coin in
        select o.txid, o.vout from (select h.* from portcullis.topic_output h where h.spent_by = queue[seen] offset 0) o
        where o.topic = place and o.retained and not o.retracted order by 1, 2
      loop
        txids := array_append(txids, coin.txid);
        vouts := array_append(vouts, coin.vout);
        -- Again when it waits already: of its outputs one more is used up now.
        queue := array_append(queue, coin.txid);
      end loop;
    end if;
    seen := seen + 1;
  end loop;
  return query select t.txid, t.vout from unnest(txids, vouts) with ordinality t (txid, vout, place)
    where t.place > skipped order by t.place limit most;
end $$;
`;

/** A page is read in the order of an index and no further than it is full: a sort or a bitmap would read the whole topic first. */
export const TOPIC_OUTPUTS = `
create function portcullis.list_topic_outputs(asked jsonb) returns setof portcullis.topic_output language plpgsql as $$
declare
  place constant text := asked->>'topic';
  after_txid constant bytea := coalesce(decode(asked->>'afterTxid', 'hex'), '\\x'::bytea);
  after_vout constant integer := coalesce((asked->>'afterVout')::integer, -1);
  first_txid constant bytea := coalesce(decode(asked->>'txid', 'hex'), '\\x'::bytea);
  last_txid constant bytea := coalesce(decode(asked->>'txid', 'hex'), decode(repeat('ff', 33), 'hex'));
  most constant integer := (asked->>'limit')::integer;
begin
  if asked ? 'key' then
    return query select o.* from (select k.txid, k.vout from portcullis.topic_output_key k
        where k.topic = place and k.key = asked->>'key' and (k.txid, k.vout) > (after_txid, after_vout) and k.txid >= first_txid and k.txid <= last_txid
        order by k.txid, k.vout offset 0) found
      cross join lateral (select h.* from portcullis.topic_output h where h.topic = place and h.txid = found.txid and h.vout = found.vout offset 0) o
      where not o.retracted and o.evicted_leaf is null and asked->>'state' in ('all',
        case when o.spent_by is null then 'unspent' when o.retained then 'retained' else 'spent' end)
      limit most;
  elsif asked->>'state' = 'all' then
    return query select o.* from portcullis.topic_output o
      where o.topic = place and (o.txid, o.vout) > (after_txid, after_vout) and o.txid >= first_txid and o.txid <= last_txid
        and not o.retracted and o.evicted_leaf is null
      order by o.txid, o.vout limit most;
  else
    return query select o.* from portcullis.topic_output o
      where o.topic || case when o.spent_by is null then ' unspent' when o.retained then ' retained' else ' spent' end = place || ' ' || (asked->>'state')
        and (o.txid, o.vout) > (after_txid, after_vout) and o.txid >= first_txid and o.txid <= last_txid and not o.retracted and o.evicted_leaf is null
      order by o.txid, o.vout limit most;
  end if;
end $$;
alter function portcullis.list_topic_outputs(jsonb) set enable_sort = off;
alter function portcullis.list_topic_outputs(jsonb) set enable_incremental_sort = off;
alter function portcullis.list_topic_outputs(jsonb) set enable_bitmapscan = off;
`;
