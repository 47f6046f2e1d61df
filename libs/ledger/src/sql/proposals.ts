/** What is done with proposals. Locks: the row of the proposal, then those of a COMMIT in their order; the head of the audit last. */
export const PROPOSALS = `
create function portcullis.refuse_ended_proposal(held portcullis.proposal) returns void language plpgsql as $$
begin
  if held.state = 'committed' then perform portcullis.refuse('proposal-ended', portcullis.wire(held.txid) || ' was submitted'); end if;
  if held.state = 'withdrawn' then perform portcullis.refuse('proposal-ended', 'it was withdrawn'); end if;
  if held.state = 'expired' or held.deadline <= clock_timestamp() then perform portcullis.refuse('proposal-ended', 'its deadline is over'); end if;
end $$;

-- Stopped: a certificate that it rests on was known to be revoked since. Stays so, should a later answer differ; who proves anew approves again.
create function portcullis.is_stopped(given portcullis.proposal_approval) returns boolean language sql stable as $$
  select exists (select from unnest(given.outpoints) o (outpoint)
    cross join lateral (select r.revoked_at from portcullis.revocation r where r.outpoint = o.outpoint offset 0) v where v.revoked_at >= given.approved_at)
$$;

-- By whoever comes by; a row that somebody holds is ended by that one, or later.
create function portcullis.expire_proposals(most int, tenant text default null) returns bigint language plpgsql as $$
declare
  clock constant timestamptz := clock_timestamp();
  ended bigint;
begin
  update portcullis.proposal p set state = 'expired', beef = null, off_chain_values = null, content = null where p.id in (
    select x.id from portcullis.proposal x where x.state = 'open' and x.deadline <= clock and (tenant is null or x.organisation = tenant)
      order by x.deadline limit most for update skip locked);
  get diagnostics ended = row_count;
  return ended;
end $$;

-- The proposal of these terms that is open, or was submitted and stands.
create function portcullis.find_same_proposal(tenant text, subject bytea, named text[]) returns portcullis.proposal language plpgsql as $$
declare
  held portcullis.proposal%rowtype;
begin
  select * into held from portcullis.proposal p
    where p.organisation = tenant and p.txid = subject and p.topics = named and p.state = 'open' and p.deadline > clock_timestamp();
  if found then return held; end if;
  select p.* into held from portcullis.proposal p join portcullis.transition t on t.id = p.transition_id
    where p.organisation = tenant and p.txid = subject and p.topics = named and p.state = 'committed' and t.settlement <> 'retracted' limit 1;
  return held;
end $$;

-- Those of this organisation first, which are no more than it may have: by the deadline they would be those of all.
create function portcullis.count_open_proposals(tenant text) returns bigint language plpgsql stable as $$
begin
  return (select count(*) from (select p.deadline from portcullis.proposal p where p.organisation = tenant and p.state = 'open' offset 0) o
    where o.deadline > clock_timestamp());
end $$;

create function portcullis.propose(asked jsonb, octets bytea, values_beside bytea) returns uuid language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  subject constant bytea := decode(asked->>'txid', 'hex');
  named constant text[] := array(select jsonb_array_elements_text(asked->'topics'));
  ends constant timestamptz := (asked->>'deadline')::timestamptz;
  made constant uuid := (asked->>'id')::uuid;
  held portcullis.proposal%rowtype;
  spot bigint;
begin
  perform portcullis.share_ledger();
  perform pg_advisory_xact_lock(7364955, hashtext(tenant));
  perform portcullis.expire_proposals((asked->>'most')::int, tenant);
  held := portcullis.find_same_proposal(tenant, subject, named);
  if held.id is not null then
    if held.terms_digest = decode(asked->>'termsDigest', 'hex') then return held.id; end if;
    perform portcullis.refuse('proposal-conflict', 'it is proposal ' || held.id);
  end if;
  if ends <= clock_timestamp() then perform portcullis.refuse('proposal-late', 'the deadline is over'); end if;
  if (select count(*) from portcullis.proposal p where p.organisation = tenant and p.state = 'open') >= (asked->>'most')::int then
    perform portcullis.refuse('proposals-exhausted', (asked->>'most') || ' are open');
  end if;
  insert into portcullis.proposal (id, organisation, identity_key, gateway, txid, topics, step, parties, needed, deadline, terms_digest, content_hash, content,
      beef, off_chain_values, proposed_at, proposed_leaf)
    values (made, tenant, asked->>'identityKey', asked->>'gateway', subject, named, asked->>'step',
      array(select jsonb_array_elements_text(asked->'parties')), (asked->>'needed')::int, ends, decode(asked->>'termsDigest', 'hex'),
      decode(asked->>'contentHash', 'hex'), asked->'content', octets, values_beside, clock_timestamp(),
      portcullis.record_act('proposed', tenant, made::text, decode(asked->>'leaf', 'hex'))) on conflict do nothing returning place into spot;
  -- One that has expired and that somebody holds at this moment.
  if spot is null then perform portcullis.refuse('proposal-conflict', 'another of this transaction is just ending'); end if;
  insert into portcullis.proposal_party (organisation, place)
    select distinct name, spot from (select tenant as name union select jsonb_array_elements_text(asked->'parties')) parties;
  return made;
end $$;

-- Those who share a row pass by whoever waits to own it, and many COMMITs could keep a change of trust waiting for ever; this lock is given in turn.
create or replace function portcullis.lock_trust(tenant text) returns void language plpgsql as $$
begin
  insert into portcullis.trust_registry (organisation) values (tenant) on conflict do nothing;
  perform pg_advisory_xact_lock(7364956, hashtext(tenant));
  perform from portcullis.trust_registry t where t.organisation = tenant for update;
end $$;

create function portcullis.share_trust(tenants text[]) returns void language plpgsql as $$
declare
  tenant text;
begin
  for tenant in select distinct on (hashtext(name)) name from unnest(tenants) names (name) order by hashtext(name) loop
    perform pg_advisory_xact_lock_shared(7364956, hashtext(tenant));
  end loop;
  perform from portcullis.trust_registry g where g.organisation = any(tenants) order by g.organisation for share;
end $$;

create function portcullis.lock_proposal(asked jsonb) returns portcullis.proposal language plpgsql as $$
declare
  held portcullis.proposal%rowtype;
begin
  perform portcullis.share_ledger();
  select * into held from portcullis.proposal p where p.id = (asked->>'id')::uuid for update;
  if not found then perform portcullis.refuse('proposal-unknown', 'no such proposal'); end if;
  return held;
end $$;

-- Null: it stands already.
create function portcullis.approve_proposal(asked jsonb) returns bigint language plpgsql as $$
declare
  who constant text := asked->>'identityKey';
  tenant constant text := asked->>'organisation';
  rests constant bytea[] := array(select decode(r->>'outpoint', 'hex') from jsonb_array_elements(asked->'relies') r where r ? 'outpoint'
    order by hashtext(r->>'outpoint'), 1);
  subject portcullis.proposal%rowtype;
  held portcullis.proposal_approval%rowtype;
  place bytea;
  leaf_place bigint;
begin
  subject := portcullis.lock_proposal(asked);
  if not tenant = any(subject.parties) then perform portcullis.refuse('proposal-unknown', 'no such proposal'); end if;
  perform portcullis.refuse_ended_proposal(subject);
  select * into held from portcullis.proposal_approval a where a.proposal_id = subject.id and a.identity_key = who;
  if found and held.withdrawn_at is null and held.statement = asked->>'statement' and not portcullis.is_stopped(held) then return null; end if;
  if held.rounds >= (asked->>'roundsMax')::int or (select count(*) from portcullis.proposal_approval a where a.proposal_id = subject.id
      and a.organisation = tenant and a.identity_key <> who and a.withdrawn_at is null and not portcullis.is_stopped(a)
      and not coalesce(asked->'lapsed', '[]') @> to_jsonb(a.leaf_index)) >= (asked->>'most')::int then
    perform portcullis.refuse('approvals-exhausted', 'no more of them');
  end if;
  -- Those that were withdrawn or stopped, too: identities cost nothing, and each row is shown to everybody who takes part.
  if held.identity_key is null and (select count(*) from portcullis.proposal_approval a where a.proposal_id = subject.id and a.organisation = tenant)
      >= 4 * (asked->>'most')::int then
    perform portcullis.refuse('approvals-exhausted', 'too many have approved and taken it back');
  end if;
  -- What is revoked by now is refused, and what is revoked later finds the approval: see queue_for_revocation.
  foreach place in array rests loop
    perform portcullis.queue_for_revocation(place, false);
    if exists (select from portcullis.revocation r where r.outpoint = place and r.state = 'revoked') then
      perform portcullis.refuse('certificate-revoked', portcullis.wire(place) || ' is spent');
    end if;
  end loop;
  leaf_place := portcullis.record_act('proposal-approved', tenant, asked->>'id', decode(asked->>'leaf', 'hex'));
  insert into portcullis.proposal_approval as a (proposal_id, identity_key, organisation, statement, signature, outpoints, relies, approved_at, leaf_index)
    values (subject.id, who, tenant, asked->>'statement', decode(asked->>'signature', 'hex'), rests, asked->'relies', clock_timestamp(), leaf_place)
    on conflict (proposal_id, identity_key) do update set organisation = excluded.organisation, statement = excluded.statement, signature = excluded.signature,
      outpoints = excluded.outpoints, relies = excluded.relies, approved_at = excluded.approved_at, leaf_index = excluded.leaf_index, rounds = a.rounds + 1,
      withdrawn_at = null, withdrawn_leaf = null;
  return leaf_place;
end $$;

create function portcullis.withdraw_approval(asked jsonb) returns void language plpgsql as $$
declare
  who constant text := asked->>'identityKey';
  subject portcullis.proposal%rowtype;
  held portcullis.proposal_approval%rowtype;
begin
  subject := portcullis.lock_proposal(asked);
  select * into held from portcullis.proposal_approval a where a.proposal_id = subject.id and a.identity_key = who;
  if not found then perform portcullis.refuse('approval-unknown', 'this identity has not approved it'); end if;
  perform portcullis.refuse_ended_proposal(subject);
  if held.withdrawn_at is not null then return; end if;
  update portcullis.proposal_approval a set withdrawn_at = clock_timestamp(),
      withdrawn_leaf = portcullis.record_act('approval-withdrawn', held.organisation, asked->>'id', decode(asked->>'leaf', 'hex'))
    where a.proposal_id = subject.id and a.identity_key = who;
end $$;

create function portcullis.withdraw_proposal(asked jsonb) returns void language plpgsql as $$
declare
  subject portcullis.proposal%rowtype;
begin
  subject := portcullis.lock_proposal(asked);
  if subject.organisation <> asked->>'organisation' then perform portcullis.refuse('proposal-unknown', 'no such proposal'); end if;
  if subject.state = 'withdrawn' then return; end if;
  perform portcullis.refuse_ended_proposal(subject);
  update portcullis.proposal p set state = 'withdrawn', beef = null, off_chain_values = null, content = null, withdrawn_by = asked->>'identityKey',
      withdrawn_at = clock_timestamp(), withdrawn_leaf = portcullis.record_act('proposal-withdrawn', subject.organisation, asked->>'id',
        decode(asked->>'leaf', 'hex'))
    where p.id = subject.id;
end $$;
`;

/**
 * THE COMMIT of what several organisations agreed to: the proposal is consumed, its approvals are counted and the transaction is applied, all or none. Two
 * replicas that see the quorum wait for the one row, and the second finds the receipt of the first.
 */
export const PROPOSED_COMMIT = `
create function portcullis.commit_proposal(asked jsonb) returns jsonb language plpgsql as $$
declare
  counted constant jsonb := asked->'proposal'->'approvals';
  subject portcullis.proposal%rowtype;
  done portcullis.transition%rowtype;
  outcome jsonb;
  made uuid;
begin
  subject := portcullis.lock_proposal(jsonb_build_object('id', asked->'proposal'->>'id'));
  if subject.organisation <> asked->>'organisation' or subject.identity_key <> asked->>'identityKey' or subject.txid <> decode(asked->>'txid', 'hex')
    or subject.topics <> array(select jsonb_array_elements_text(asked->'topics')) then
    raise exception 'the COMMIT of the proposal % is of something else', subject.id;
  end if;
  if subject.state = 'committed' then
    select * into strict done from portcullis.transition t where t.id = subject.transition_id;
    return jsonb_build_object('kind', 'replayed', 'receipt', done.receipt, 'transitionId', done.id, 'leafIndex', done.leaf_index);
  end if;
  perform portcullis.refuse_ended_proposal(subject);
  -- Whose certificates count is changed under this row; it stays as it is until the end.
  perform portcullis.share_trust(array(select t->>'registry' from jsonb_array_elements(asked->'proposal'->'trust') t));
  if exists (select from jsonb_array_elements(asked->'proposal'->'trust') t where not exists (select from portcullis.trust_rule r
      where r.id = (t->>'rule')::uuid and r.organisation = t->>'registry' and r.valid_from <= clock_timestamp() and r.valid_until > clock_timestamp())) then
    perform portcullis.refuse('approval-lapsed', 'a certifier is trusted no longer');
  end if;
  outcome := portcullis.commit_transition(asked);
  made := (outcome->>'transitionId')::uuid;
  -- Behind everything that it may have waited for.
  if exists (select from portcullis.audit_leaf l where l.index = (outcome->>'leafIndex')::bigint and l.at >= subject.deadline) then
    perform portcullis.refuse('proposal-ended', 'its deadline is over');
  end if;
  if exists (select from jsonb_array_elements(asked->'proposal'->'trust') t where not exists (select from portcullis.trust_rule r
      join portcullis.audit_leaf l on l.index = (outcome->>'leafIndex')::bigint where r.id = (t->>'rule')::uuid and r.valid_until > l.at)) then
    perform portcullis.refuse('approval-lapsed', 'a certifier is trusted no longer');
  end if;
  insert into portcullis.proposal_count (transition_id, proposal_id, identity_key, organisation, statement_hash)
    select made, subject.id, a.identity_key, a.organisation, sha256(convert_to(a.statement, 'UTF8')) from jsonb_array_elements(counted) c
    join portcullis.proposal_approval a on a.proposal_id = subject.id and a.identity_key = c->>'identityKey'
    where a.organisation = c->>'organisation' and sha256(convert_to(a.statement, 'UTF8')) = decode(c->>'statementHash', 'hex')
      -- Not one that was taken back and given again since it was weighed: that one may rest on something else.
      and a.leaf_index = coalesce((c->>'auditLeaf')::bigint, a.leaf_index)
      and a.withdrawn_at is null and not portcullis.is_stopped(a) and a.organisation = any(subject.parties);
  if (select count(*) from portcullis.proposal_count n where n.transition_id = made) <> jsonb_array_length(counted) then
    perform portcullis.refuse('approval-lapsed', 'an approval does not stand any more');
  end if;
  if (select count(distinct n.organisation) from portcullis.proposal_count n where n.transition_id = made) < subject.needed then
    perform portcullis.refuse('quorum-incomplete', subject.needed || ' organisations have to approve');
  end if;
  update portcullis.proposal p set state = 'committed', transition_id = made, beef = null, off_chain_values = null, content = null where p.id = subject.id;
  return outcome;
end $$;

alter function portcullis.is_stopped(portcullis.proposal_approval) set enable_seqscan = off;
alter function portcullis.find_same_proposal(text, bytea, text[]) set enable_seqscan = off;
alter function portcullis.count_open_proposals(text) set enable_seqscan = off;
alter function portcullis.expire_proposals(int, text) set enable_seqscan = off;
alter function portcullis.propose(jsonb, bytea, bytea) set enable_seqscan = off;
alter function portcullis.propose(jsonb, bytea, bytea) set jit = off;
alter function portcullis.lock_proposal(jsonb) set enable_seqscan = off;
alter function portcullis.lock_trust(text) set enable_seqscan = off;
alter function portcullis.share_trust(text[]) set enable_seqscan = off;
alter function portcullis.approve_proposal(jsonb) set enable_seqscan = off;
alter function portcullis.approve_proposal(jsonb) set jit = off;
alter function portcullis.withdraw_approval(jsonb) set enable_seqscan = off;
alter function portcullis.commit_proposal(jsonb) set enable_seqscan = off;
alter function portcullis.commit_proposal(jsonb) set jit = off;
`;
