/**
 * The parts of THE COMMIT. Each is one claim that a key decides: insert, then see whose row it is. All of them take their locks in sorted
 * order and are called in one order, so two COMMITs can wait for each other but never in a circle. VOLATILE: each statement sees what was
 * committed while the one before it waited.
 */
export const COMMIT_PARTS = `
create function portcullis.refuse(code text, reason text) returns void language plpgsql as $$
begin
  raise exception '%', code using errcode = 'PC001', detail = reason;
end $$;

create function portcullis.wire(bytes bytea) returns text language sql immutable as $$ select 'wire:' || encode(bytes, 'hex') $$;

create function portcullis.vout_of(outpoint bytea) returns bigint language sql immutable parallel safe as $$
  select get_byte(outpoint, 32) + get_byte(outpoint, 33) * 256 + get_byte(outpoint, 34) * 65536 + get_byte(outpoint, 35) * 16777216::bigint
$$;

create function portcullis.make_outpoint(txid bytea, vout bigint) returns bytea language sql immutable parallel safe as $$
  select txid || set_byte(set_byte(set_byte(set_byte('\\x00000000'::bytea, 0, (vout & 255)::int), 1, (vout >> 8 & 255)::int),
    2, (vout >> 16 & 255)::int), 3, (vout >> 24 & 255)::int)
$$;

-- COMMITs share this lock; what may not run beside any of them (retraction, rewind) takes it alone.
create function portcullis.share_ledger() returns void language sql as $$ select pg_advisory_xact_lock_shared(7364951) $$;
create function portcullis.own_ledger() returns void language sql as $$ select pg_advisory_xact_lock(7364951) $$;

-- The subject is locked for update and its parents for share: a parent and a child that arrive together see each other, whoever is first.
create function portcullis.store_transactions(list jsonb, subject bytea) returns void language plpgsql as $$
declare
  given record;
  held portcullis.transaction%rowtype;
  block bytea;
begin
  insert into portcullis.transaction (txid, raw)
    select distinct on (1) decode(t->>'txid', 'hex'), decode(t->>'raw', 'hex') from jsonb_array_elements(list) t order by 1
    on conflict do nothing;
  for given in
    select distinct on (1) decode(t->>'txid', 'hex') as txid, decode(t->>'bump', 'hex') as bump, decode(t->>'root', 'hex') as root,
      (t->>'height')::int as height
    from jsonb_array_elements(list) t order by 1, t ? 'bump' desc
  loop
    if given.txid = subject or (given.bump is not null and exists (
      select from portcullis.transaction x where x.txid = given.txid and x.bump is null)) then
      select * into strict held from portcullis.transaction x where x.txid = given.txid for update;
    else
      select * into strict held from portcullis.transaction x where x.txid = given.txid for share;
    end if;
    continue when held.bump is not null;
    if given.bump is null then
      if held.refused_at is not null then
        perform portcullis.refuse('parent-retracted', portcullis.wire(given.txid) || ' was refused by the network');
      end if;
      continue;
    end if;
    select h.hash into block from portcullis.block_header h
      where h.height = given.height and h.is_best and substring(h.header from 37 for 32) = given.root;
    if not found then
      perform portcullis.refuse('chain-unsettled', 'the block of ' || portcullis.wire(given.txid) || ' is not in the best chain now');
    end if;
    update portcullis.transaction x set bump = given.bump, bump_root = given.root, block_hash = block, block_height = given.height,
      refused_at = null where x.txid = given.txid;
  end loop;
end $$;

create function portcullis.claim_spends(list jsonb) returns void language plpgsql as $$
declare lost record;
begin
  insert into portcullis.spent_outpoint (outpoint, spender_txid)
    select decode(s->>'outpoint', 'hex'), decode(s->>'spender', 'hex') from jsonb_array_elements(list) s order by 1, 2
    on conflict do nothing;
  select held.* into lost from jsonb_array_elements(list) s
    join portcullis.spent_outpoint held on held.outpoint = decode(s->>'outpoint', 'hex')
    where held.spender_txid <> decode(s->>'spender', 'hex') order by held.outpoint limit 1;
  if found then
    perform portcullis.refuse('outpoint-spent',
      portcullis.wire(lost.outpoint) || ' is spent by ' || portcullis.wire(lost.spender_txid));
  end if;
end $$;

-- True when this very output already paid for this very request.
create function portcullis.take_payment(asked jsonb, transition uuid) returns boolean language plpgsql as $$
declare
  payment constant jsonb := asked->'payment';
  paid constant bytea := decode(payment->>'outpoint', 'hex');
  digest constant bytea := decode(asked->>'requestDigest', 'hex');
  terms portcullis.payment_quote%rowtype;
  held portcullis.payment_claim%rowtype;
begin
  select * into terms from portcullis.payment_quote q where q.prefix = payment->>'prefix' for update;
  if not found or terms.identity_key <> asked->>'identityKey' or terms.request_digest <> digest
    or terms.organisation <> asked->>'organisation' then
    -- An output that was taken is told so, whatever terms it names now.
    if exists (select from portcullis.payment_claim c where c.outpoint = paid) then
      perform portcullis.refuse('payment-already-spent', portcullis.wire(paid));
    end if;
    perform portcullis.refuse('payment-quote-unknown', 'no such terms for this identity and request');
  end if;
  insert into portcullis.payment_claim (outpoint, prefix, organisation, identity_key, request_digest, satoshis, transition_id)
    values (paid, terms.prefix, terms.organisation, terms.identity_key, digest, (payment->>'satoshis')::bigint, transition)
    on conflict do nothing;
  if not found then
    select * into held from portcullis.payment_claim c where c.outpoint = paid;
    if found and transition is null and held.transition_id is null and held.identity_key = terms.identity_key
      and held.request_digest = digest and held.prefix = terms.prefix then
      -- Who pays with a coin that it then spends elsewhere is not served for it a second time.
      if held.settlement = 'retracted' then
        perform portcullis.refuse('payment-unproven', portcullis.wire(paid) || ' was refused by the network');
      end if;
      -- A retry finds its answer; who reads on pays again.
      if terms.expires_at + (asked->>'graceMs')::float8 * interval '1 millisecond' <= now() then
        perform portcullis.refuse('payment-already-spent', portcullis.wire(paid) || ' was taken, and is no longer served again');
      end if;
      return true;
    end if;
    if held.outpoint is null then
      perform portcullis.refuse('payment-already-spent', 'these terms were paid by another output');
    end if;
    perform portcullis.refuse('payment-already-spent', portcullis.wire(paid));
  end if;
  if terms.expires_at <= now() then perform portcullis.refuse('payment-quote-expired', 'these terms have expired'); end if;
  if (payment->>'satoshis')::bigint < terms.satoshis then
    perform portcullis.refuse('payment-underpaid', (payment->>'satoshis') || ' of ' || terms.satoshis || ' satoshis');
  end if;
  update portcullis.payment_quote q set claimed_at = now() where q.prefix = terms.prefix;
  return false;
end $$;
`;
