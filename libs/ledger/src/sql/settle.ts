/** After the COMMIT: settlement, proofs, rewinds. `moves` is one event of the core's table as {from: to}; SQL has no table of its own. */
export const SETTLE_FUNCTIONS = `
create function portcullis.move_settlements(subjects bytea[], moves jsonb, why jsonb) returns integer language plpgsql as $$
declare
  moved integer;
  claims integer;
begin
  with held as (
    select t.id from portcullis.transition t where t.txid = any(subjects) and moves ? t.settlement order by t.id for update
  ), changed as (
    update portcullis.transition t set settlement = moves->>t.settlement from held where t.id = held.id returning t.id, t.settlement
  ), told as (
    insert into portcullis.settlement_event (transition_id, seq, settlement, detail)
    select c.id, (select max(e.seq) + 1 from portcullis.settlement_event e where e.transition_id = c.id), c.settlement, why from changed c
    returning 1
  ) select count(*) into moved from told;
  with held as (
    select c.outpoint from portcullis.payment_claim c where c.txid = any(subjects) and moves ? c.settlement order by c.outpoint for update
  ), changed as (
    update portcullis.payment_claim c set settlement = moves->>c.settlement from held where c.outpoint = held.outpoint returning 1
  ) select count(*) into claims from changed;
  return moved + claims;
end $$;

create function portcullis.record_settlement(subject bytea, moves jsonb, why jsonb) returns integer language plpgsql as $$
begin
  perform portcullis.share_ledger();
  perform from portcullis.transaction x where x.txid = subject for update;
  return portcullis.move_settlements(array[subject], moves, why);
end $$;

create function portcullis.apply_proof(proof jsonb, moves jsonb, why jsonb) returns text language plpgsql as $$
declare
  subject constant bytea := decode(proof->>'txid', 'hex');
  block constant bytea := decode(proof->>'block', 'hex');
  held portcullis.transaction%rowtype;
  root bytea;
  moved integer;
begin
  perform portcullis.share_ledger();
  select * into held from portcullis.transaction x where x.txid = subject for update;
  if not found then return 'unknown'; end if;
  select substring(h.header from 37 for 32) into root from portcullis.block_header h
    where h.hash = block and h.height = (proof->>'height')::int and h.is_best;
  if not found then return 'off-chain'; end if;
  update portcullis.transaction x set bump = decode(proof->>'bump', 'hex'), bump_root = root, block_hash = block,
    block_height = (proof->>'height')::int, refused_at = null
    where x.txid = subject and x.block_hash is distinct from block;
  moved := portcullis.move_settlements(array[subject], moves, why);
  -- Whoever waits to send it or to ask for its proof need not any more; a leased row is its holder's to finish.
  update portcullis.outbox o set state = 'done' where o.txid = subject and o.state = 'waiting' and o.kind in ('broadcast', 'proof');
  return case when moved > 0 or held.block_hash is distinct from block then 'applied' else 'unchanged' end;
end $$;

-- What is in a block of the best chain needs no network: it is mined in the COMMIT that applies it or brings its proof. Whoever waits to send it,
-- or to ask for its proof, need not. The block is looked at here once more, in the statement that says so.
create function portcullis.settle_proven(list jsonb, moves jsonb) returns void language plpgsql as $$
declare proven record;
begin
  for proven in
    select x.txid, x.block_hash, x.block_height from portcullis.transaction x
    join portcullis.block_header h on h.hash = x.block_hash and h.height = x.block_height and h.is_best
    where x.txid in (select decode(t->>'txid', 'hex') from jsonb_array_elements(list) t) and (
      exists (select from portcullis.transition t where t.txid = x.txid and moves ? t.settlement)
      or exists (select from portcullis.payment_claim c where c.txid = x.txid and moves ? c.settlement))
    order by 1
  loop
    perform portcullis.move_settlements(array[proven.txid], moves,
      jsonb_build_object('blockHash', portcullis.wire(proven.block_hash), 'height', proven.block_height));
    update portcullis.outbox o set state = 'done' where o.txid = proven.txid and o.state = 'waiting' and o.kind in ('broadcast', 'proof');
  end loop;
end $$;

create function portcullis.rewind_blocks(blocks bytea[], moves jsonb) returns setof bytea language plpgsql as $$
declare
  subjects bytea[];
begin
  perform portcullis.own_ledger();
  subjects := array(select x.txid from portcullis.transaction x where x.block_hash = any(blocks) order by 1 for update);
  if cardinality(subjects) = 0 then return; end if;
  update portcullis.transaction x set bump = null, bump_root = null, block_hash = null, block_height = null where x.txid = any(subjects);
  perform portcullis.move_settlements(subjects, moves, '{}');
  return query select unnest(subjects);
end $$;

-- An ancestor that came with its proof has no poll yet; without one its descendants could not be proven again.
create function portcullis.reopen_proofs(list jsonb) returns void language plpgsql as $$
begin
  insert into portcullis.outbox (dedupe_key, organisation, kind, txid, payload)
    select m->>'dedupeKey', 'gateway', m->>'kind', decode(m->>'txid', 'hex'), m->'payload' from jsonb_array_elements(list) m order by 1
    on conflict (dedupe_key) do update set state = 'waiting', attempts = 0, available_at = now(), lease_until = null,
      lease_number = outbox.lease_number + 1, last_error = 'reorg';
  perform pg_notify('portcullis_outbox', '');
end $$;

create function portcullis.finalise(deepest integer, moves jsonb) returns integer language plpgsql as $$
declare subjects bytea[];
begin
  perform portcullis.share_ledger();
  subjects := array(
    select x.txid from portcullis.transaction x
    where x.block_height <= deepest and x.txid in (
      select t.txid from portcullis.transition t where t.settlement = 'mined'
      union select c.txid from portcullis.payment_claim c where c.settlement = 'mined')
    order by 1 for update);
  return portcullis.move_settlements(subjects, moves, '{}');
end $$;

create function portcullis.complete_outbox(row_id bigint, lease integer, follow_ups jsonb) returns boolean language plpgsql as $$
declare settled portcullis.outbox%rowtype;
begin
  update portcullis.outbox o set state = 'done', lease_until = null, last_error = null
    where o.id = row_id and o.lease_number = lease and o.state = 'leased' returning * into settled;
  if not found then return false; end if;
  perform portcullis.file_outbox(follow_ups, settled.organisation, settled.transition_id);
  return true;
end $$;
`;
