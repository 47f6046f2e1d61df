/**
 * What is known of each outpoint whose spending revokes a certificate, and which transitions relied on that. A COMMIT that relies on one shares its row, one
 * that spends it writes it: of the two whoever is first is finished before the other looks. Locks: a row here comes after the spends of its COMMIT and before
 * everything that follows them, so nobody who holds one waits for a spend.
 */
export const REVOCATION_TABLES = `
create table portcullis.revocation (
  outpoint bytea primary key check (octet_length(outpoint) = 36),
  state text not null check (state in ('good', 'revoked', 'unknown')),
  -- Of GOOD: the time for which all sources that know it say so.
  as_of timestamptz,
  source text not null,
  spender_txid bytea check (octet_length(spender_txid) = 32),
  -- When this ledger knew that it is revoked, of the last time. Stays, should a later answer differ.
  revoked_at timestamptz,
  -- When the sources were asked for what stands here.
  looked_at timestamptz not null,
  -- When somebody set out to ask them again.
  claimed_at timestamptz not null,
  constraint revocation_good_has_time check ((state = 'good') = (as_of is not null)),
  constraint revocation_has_evidence check ((state = 'revoked') = (spender_txid is not null))
);
create index revocation_looked on portcullis.revocation (looked_at);
create index revocation_claimed on portcullis.revocation (claimed_at);
create index revocation_revoked on portcullis.revocation (outpoint) where state = 'revoked';
-- Sessions of this identity that were opened until then are over.
create table portcullis.session_end (
  identity_key text primary key,
  ended_at timestamptz not null
);
create index certificate_revocation on portcullis.certificate (revocation_outpoint) where revocation_outpoint is not null;

-- What a transition was allowed on, as it was known under lock when it was committed.
create table portcullis.reliance (
  transition_id uuid not null references portcullis.transition,
  certificate_hash bytea not null check (octet_length(certificate_hash) = 32),
  -- Null: it cannot be revoked.
  outpoint bytea,
  state text not null check (state in ('good', 'unknown', 'not-revocable')),
  as_of timestamptz,
  source text not null,
  primary key (transition_id, certificate_hash)
);
create index reliance_certificate on portcullis.reliance (certificate_hash);
create index reliance_outpoint on portcullis.reliance (outpoint) where outpoint is not null;

alter table portcullis.transition add column policy_version bytea check (octet_length(policy_version) = 32);

insert into portcullis.revocation (outpoint, state, as_of, source, looked_at, claimed_at)
  select distinct on (c.revocation_outpoint) c.revocation_outpoint, 'unknown', null::timestamptz, 'not asked yet', c.presented_at, c.presented_at
  from portcullis.certificate c where c.revocation_outpoint is not null order by 1, c.presented_at;
`;

export const REVOCATION = `
-- A certificate is watched from the statement on that keeps it. What is known already stands: a presenter holds the head of the audit by now and waits for nobody.
create function portcullis.watch_revocation() returns trigger language plpgsql as $$
declare
  clock constant timestamptz := clock_timestamp();
begin
  insert into portcullis.revocation (outpoint, state, as_of, source, looked_at, claimed_at)
    values (new.revocation_outpoint, new.revocation->>'state', case when new.revocation->>'state' = 'good' then (new.revocation->>'asOf')::timestamptz end,
      new.revocation->>'source', clock, clock)
    on conflict do nothing;
  return null;
end $$;
create trigger watch_revocation after insert on portcullis.certificate for each row when (new.revocation_outpoint is not null)
  execute function portcullis.watch_revocation();

-- Whoever is named by a certificate that is revoked has to prove anew who it is. In the transaction that knows of it, so it holds for every replica at once. The
-- sessions are marked and not deleted: one caller can have a million nonces, more than one statement has time for, and would revoke its own revocation.
create function portcullis.end_rights(outpoints bytea[]) returns void language plpgsql as $$
begin
  insert into portcullis.session_end as e (identity_key, ended_at)
    select c.subject, clock_timestamp() from portcullis.certificate c where c.revocation_outpoint = any(outpoints) and c.key_id is not null group by 1 order by 1
    on conflict (identity_key) do update set ended_at = excluded.ended_at;
  perform pg_notify('portcullis_revocations', '');
end $$;

create function portcullis.is_ended(session portcullis.auth_session) returns boolean language sql stable as $$
  select session.expires_at <= now()
    or exists (select from portcullis.session_end e where e.identity_key = session.identity_key and e.ended_at >= session.created_at)
$$;

create or replace function portcullis.claim_nonce(session text, fresh text) returns text language plpgsql as $$
begin
  insert into portcullis.auth_nonce (session_nonce, nonce)
    select s.session_nonce, fresh from portcullis.auth_session s where s.session_nonce = session and s.expires_at > now()
      -- As is_ended says it. A function that looks into a table is called and not merged, and this is asked with every request.
      and not exists (select from portcullis.session_end e where e.identity_key = s.identity_key and e.ended_at >= s.created_at)
    on conflict do nothing;
  if found then return 'claimed'; end if;
  if exists (select from portcullis.auth_session s where s.session_nonce = session and not portcullis.is_ended(s)) then return 'replayed'; end if;
  return 'ended';
end $$;

-- In front of the row, since whoever wants to share a row passes by whoever waits to write it: those who rely, one after another, would keep a revocation out.
create function portcullis.queue_for_revocation(place bytea, is_revoking boolean) returns void language sql as $$
  select case when is_revoking then pg_advisory_xact_lock(7364954, hashtext(encode(place, 'hex')))
    else pg_advisory_xact_lock_shared(7364954, hashtext(encode(place, 'hex'))) end
$$;

create function portcullis.revoke_watched(watched bytea[]) returns void language plpgsql as $$
declare
  gone bytea[];
begin
  perform portcullis.queue_for_revocation(w.outpoint, true) from (
    select w.outpoint from unnest(watched) w (outpoint) order by hashtext(encode(w.outpoint, 'hex')) offset 0) w;
  -- Who was told before has proven anew since then: the same once more, of a spend that the network refused, says nothing new.
  gone := array(select r.outpoint from portcullis.revocation r where r.outpoint = any(watched) and r.state <> 'revoked');
  update portcullis.revocation r set state = 'revoked', as_of = null, source = 'this ledger', spender_txid = s.spender_txid,
      revoked_at = case when r.state = 'revoked' then r.revoked_at else clock_timestamp() end, looked_at = clock_timestamp()
    from portcullis.spent_outpoint s where r.outpoint = any(watched) and s.outpoint = r.outpoint;
  if cardinality(gone) > 0 then perform portcullis.end_rights(gone); end if;
end $$;

create or replace function portcullis.claim_spends(list jsonb) returns void language plpgsql as $$
declare
  lost record;
  claimed bigint;
  watched bytea[];
begin
  with fresh as (
    insert into portcullis.spent_outpoint (outpoint, spender_txid)
      select decode(s->>'outpoint', 'hex'), decode(s->>'spender', 'hex') from jsonb_array_elements(list) s order by 1, 2
      on conflict do nothing returning outpoint
  ) select count(*), array_agg(f.outpoint) filter (where exists (select from portcullis.revocation r where r.outpoint = f.outpoint))
    into claimed, watched from fresh f;
  if cardinality(watched) > 0 then perform portcullis.revoke_watched(watched); end if;
  if claimed = jsonb_array_length(list) then return; end if;
  select held.* into lost from jsonb_array_elements(list) s
    cross join lateral (select h.* from portcullis.spent_outpoint h where h.outpoint = decode(s->>'outpoint', 'hex') offset 0) held
    where held.spender_txid <> decode(s->>'spender', 'hex') order by held.outpoint limit 1;
  if found then
    perform portcullis.refuse('outpoint-spent',
      portcullis.wire(lost.outpoint) || ' is spent by ' || portcullis.wire(lost.spender_txid));
  end if;
end $$;

-- The guard asked before; what became known since then is asked under lock, and written down as it stood.
create function portcullis.rely(list jsonb, made uuid) returns void language plpgsql as $$
declare
  given record;
  held portcullis.revocation%rowtype;
  spender bytea;
begin
  for given in
    select decode(r->>'certificate', 'hex') as certificate, decode(r->>'outpoint', 'hex') as outpoint, (r->>'goodSince')::timestamptz as since,
      coalesce((r->>'mayBeUnknown')::boolean, false) as is_lax
    from jsonb_array_elements(list) r order by hashtext(r->>'outpoint'), 1
  loop
    if given.outpoint is null then
      insert into portcullis.reliance (transition_id, certificate_hash, state, source) values (made, given.certificate, 'not-revocable', 'the certificate')
        on conflict do nothing;
      continue;
    end if;
    perform portcullis.queue_for_revocation(given.outpoint, false);
    select * into held from portcullis.revocation r where r.outpoint = given.outpoint for share;
    if not found then perform portcullis.refuse('revocation-unknown', 'nobody watches ' || portcullis.wire(given.outpoint)); end if;
    -- Spent here by a COMMIT that came before the certificate.
    select s.spender_txid into spender from portcullis.spent_outpoint s where s.outpoint = given.outpoint;
    if held.state = 'revoked' or spender is not null then
      perform portcullis.refuse('certificate-revoked', 'its revocation outpoint is spent by ' || portcullis.wire(coalesce(spender, held.spender_txid)));
    end if;
    if (held.state = 'unknown' and not given.is_lax) or held.as_of < given.since then
      perform portcullis.refuse('revocation-unknown', 'what is known of ' || portcullis.wire(given.outpoint) || ' is older than the policy allows');
    end if;
    insert into portcullis.reliance (transition_id, certificate_hash, outpoint, state, as_of, source)
      values (made, given.certificate, given.outpoint, held.state, held.as_of, held.source) on conflict do nothing;
  end loop;
end $$;

-- An answer of the sources. One that was asked for earlier than what stands there says nothing new, but that it is revoked.
create function portcullis.record_revocation(asked jsonb) returns boolean language plpgsql as $$
declare
  place constant bytea := decode(asked->>'outpoint', 'hex');
  told constant timestamptz := (asked->>'lookedAt')::timestamptz;
  held portcullis.revocation%rowtype;
begin
  perform portcullis.queue_for_revocation(place, true);
  select * into held from portcullis.revocation r where r.outpoint = place for update;
  if not found or (held.looked_at > told and asked->>'state' <> 'revoked') then return false; end if;
  -- Spent here while they were asked: they could not know.
  if asked->>'state' <> 'revoked' and exists (select from portcullis.spent_outpoint s where s.outpoint = place) then return false; end if;
  -- Nobody could say. What was known grows older, and how old it may be is for the policies to say.
  if (asked->>'isSilent')::boolean and held.state <> 'unknown' then
    update portcullis.revocation r set looked_at = told where r.outpoint = place;
    return true;
  end if;
  update portcullis.revocation r set state = asked->>'state', as_of = (asked->>'asOf')::timestamptz, source = asked->>'source',
      spender_txid = decode(asked->>'spender', 'hex'), looked_at = greatest(told, held.looked_at),
      revoked_at = case when asked->>'state' = 'revoked' and r.state <> 'revoked' then clock_timestamp() else r.revoked_at end
    where r.outpoint = place;
  if asked->>'state' = 'revoked' and held.state <> 'revoked' then perform portcullis.end_rights(array[place]); end if;
  return true;
end $$;

-- The oldest answers, for whoever is going to ask: no more a minute than the rate, whatever the number of replicas, and none of which another is asking now.
create function portcullis.claim_revocations(rate int, most int, due interval, lease interval) returns setof bytea language plpgsql as $$
declare
  clock constant timestamptz := clock_timestamp();
  used bigint;
begin
  perform pg_advisory_xact_lock(7364953);
  select count(*) into used from (select from portcullis.revocation r where r.claimed_at > clock - interval '1 minute' limit rate) recent;
  return query update portcullis.revocation r set claimed_at = clock where r.outpoint in (
    select x.outpoint from portcullis.revocation x
      where x.looked_at < clock - due and (x.claimed_at <= x.looked_at or x.claimed_at < clock - lease)
        and exists (select from portcullis.certificate c where c.revocation_outpoint = x.outpoint and c.key_id is not null)
      order by x.looked_at limit least(most, greatest(0, rate - used)) for update skip locked) returning r.outpoint;
end $$;

-- What one whose certificate is revoked still holds back from the others. Each in a statement of its own: the order of its locks is not that of a COMMIT.
create function portcullis.list_revoked_reservations(most int) returns table (organisation text, id uuid) language sql stable as $$
  select distinct r.organisation, r.id from portcullis.revocation v
    join portcullis.certificate c on c.revocation_outpoint = v.outpoint
    join portcullis.reservation r on r.organisation = c.organisation and r.identity_key = c.subject
    where v.state = 'revoked' and r.created_at < v.revoked_at and r.expires_at > clock_timestamp() and r.released_at is null
      and not portcullis.is_consumed(r.id) limit most
$$;

alter function portcullis.is_ended(portcullis.auth_session) set enable_seqscan = off;
alter function portcullis.claim_nonce(text, text) set enable_seqscan = off;
alter function portcullis.claim_nonce(text, text) set jit = off;
alter function portcullis.record_revocation(jsonb) set enable_seqscan = off;
alter function portcullis.claim_revocations(int, int, interval, interval) set enable_seqscan = off;
`;

export const REVOCATION_GRANTS = `
revoke delete on portcullis.revocation, portcullis.session_end from portcullis_app;
revoke update, delete on portcullis.reliance from portcullis_app;
`;
