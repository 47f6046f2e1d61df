/**
 * What this gateway certifies. A row is one request of a subject, from asking to revoking; its serial number is bound to its nonces, its outpoint and its
 * signature are set once. Locks: key of the subject, certification, head of the audit.
 */
export const CERTIFICATION_TABLES = `
create table portcullis.certification (
  id uuid primary key,
  organisation text not null check (organisation <> ''),
  subject text not null,
  type text not null,
  -- Hash of what is to be certified, keyed with the subject's own key: who asks again for the same is known by it.
  content bytea not null check (octet_length(content) = 32),
  state text not null check (state in ('pending', 'approved', 'refused', 'issued', 'withdrawn')),
  client_nonce text not null,
  server_nonce text not null,
  serial_number text not null unique,
  -- Ciphertexts by name: they are what is signed.
  fields jsonb not null check (jsonb_typeof(fields) = 'object'),
  key_id uuid,
  disclosure bytea,
  outpoint bytea unique check (octet_length(outpoint) = 36),
  signature bytea,
  -- Somebody talks to the wallet about it until then.
  leased_until timestamptz,
  asked_at timestamptz not null default clock_timestamp(),
  decided_by text,
  decided_leaf bigint,
  issued_leaf bigint,
  revoked_leaf bigint,
  unique (subject, client_nonce),
  foreign key (organisation, subject, key_id) references portcullis.subject_key (organisation, subject, id),
  constraint certification_disclosure_has_key check (num_nulls(key_id, disclosure) in (0, 2)),
  constraint certification_issued_whole check ((state = 'issued') = (signature is not null) and (signature is null) = (issued_leaf is null)
    and (signature is null or outpoint is not null))
);
create index certification_subject on portcullis.certification (subject, type, state);
create index certification_asked on portcullis.certification (asked_at, id);
create index certification_key on portcullis.certification (organisation, subject, key_id) where key_id is not null;

-- Added to what is there, whatever other migrations have put there.
do $$
declare
  held text;
begin
  select pg_get_constraintdef(c.oid) into held from pg_constraint c
    where c.conrelid = 'portcullis.audited_act'::regclass and c.conname = 'audited_act_kind_check';
  alter table portcullis.audited_act drop constraint audited_act_kind_check;
  execute format('alter table portcullis.audited_act add constraint audited_act_kind_check check (%s or kind in (%L, %L, %L, %L))',
    substring(held from 'CHECK (.*)'), 'approved', 'refused', 'certified', 'revoked');
end $$;
`;

export const CERTIFICATIONS = `
-- Null: another key is there than the one it is encrypted with. Whoever asks encrypts again and comes back.
create function portcullis.ask_certification(asked jsonb) returns jsonb language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  who constant text := asked->>'subject';
  used constant uuid := (asked->>'keyId')::uuid;
  found_key uuid;
  held portcullis.certification%rowtype;
  live bigint;
begin
  if asked ? 'newKey' then
    insert into portcullis.subject_key (organisation, subject, id, wrapped, wrapped_by)
      values (tenant, who, used, decode(asked->'newKey'->>'wrapped', 'hex'), asked->'newKey'->>'wrappedBy') on conflict (organisation, subject) do nothing;
  end if;
  select k.id into found_key from portcullis.subject_key k where k.organisation = tenant and k.subject = who for update;
  if found_key is distinct from used then return null; end if;
  select * into held from portcullis.certification c where c.subject = who and c.client_nonce = asked->>'clientNonce';
  if found then
    if held.type <> asked->>'type' or held.fields <> asked->'fields' or held.state = 'withdrawn' then
      perform portcullis.refuse('certification-conflict', 'this nonce was used with another request, or what came with it was erased');
    end if;
    return jsonb_build_object('id', held.id);
  end if;
  -- A wallet asks again with another nonce and other ciphertexts. It is the same that was decided on, and is signed as it was asked for last.
  select * into held from portcullis.certification c where c.subject = who and c.type = asked->>'type' and c.state in ('pending', 'approved', 'refused')
    and c.organisation = tenant and c.revoked_leaf is null and c.content = decode(asked->>'content', 'hex') order by c.asked_at limit 1 for update;
  if found then
    if held.leased_until is null or held.leased_until < clock_timestamp() then
      update portcullis.certification c set client_nonce = asked->>'clientNonce', server_nonce = asked->>'serverNonce', serial_number = asked->>'serialNumber',
        fields = asked->'fields' where c.id = held.id;
    end if;
    return jsonb_build_object('id', held.id);
  end if;
  select count(*) into live from portcullis.certification c where c.subject = who and c.type = asked->>'type'
    and c.state in ('pending', 'approved', 'issued') and c.revoked_leaf is null;
  if live >= (asked->>'liveMax')::int then
    perform portcullis.refuse('certification-exhausted', format('this identity has %s certificates and requests of this type', live));
  end if;
  insert into portcullis.certification (id, organisation, subject, type, content, state, client_nonce, server_nonce, serial_number, fields, key_id, disclosure)
    values ((asked->>'id')::uuid, tenant, who, asked->>'type', decode(asked->>'content', 'hex'), asked->>'state', asked->>'clientNonce', asked->>'serverNonce',
      asked->>'serialNumber', asked->'fields', used, decode(asked->>'disclosure', 'hex'));
  return jsonb_build_object('id', asked->>'id');
end $$;

-- Null: it was decided so before.
create function portcullis.decide_certification(asked jsonb) returns bigint language plpgsql as $$
declare
  verdict constant text := asked->>'verdict';
  held portcullis.certification%rowtype;
  place bigint;
begin
  select * into held from portcullis.certification c where c.id = (asked->>'id')::uuid for update;
  if not found then perform portcullis.refuse('certification-unknown', 'there is no such certification'); end if;
  if held.state = verdict or (held.state = 'issued' and verdict = 'approved') then return null; end if;
  if held.state in ('issued', 'withdrawn') or held.revoked_leaf is not null then
    perform portcullis.refuse('certification-conflict', 'it is ' || case when held.revoked_leaf is null then held.state else 'revoked' end);
  end if;
  if held.leased_until > clock_timestamp() then perform portcullis.refuse('certification-busy', 'the certificate is being made'); end if;
  place := portcullis.record_act(verdict, asked->>'organisation', asked->>'id', decode(asked->>'leaf', 'hex'));
  update portcullis.certification c set state = verdict, decided_by = asked->>'identityKey', decided_leaf = place where c.id = held.id;
  return place;
end $$;

-- Null: it is no longer the request that was signed, or another signed it.
create function portcullis.issue_certification(asked jsonb) returns bigint language plpgsql as $$
declare
  held portcullis.certification%rowtype;
  place bigint;
  clock timestamptz;
begin
  select * into held from portcullis.certification c where c.id = (asked->>'id')::uuid for update;
  if not found or held.state <> 'approved' or held.revoked_leaf is not null or held.serial_number <> asked->>'serialNumber'
    or held.outpoint is distinct from decode(asked->>'outpoint', 'hex') then return null; end if;
  place := portcullis.record_act('certified', asked->>'organisation', asked->>'hash', decode(asked->>'leaf', 'hex'));
  update portcullis.certification c set state = 'issued', signature = decode(asked->>'signature', 'hex'), issued_leaf = place where c.id = held.id;
  clock := clock_timestamp();
  insert into portcullis.revocation (outpoint, state, source, looked_at, claimed_at) values (held.outpoint, 'unknown', 'not asked yet', clock, clock)
    on conflict do nothing;
  return place;
end $$;

-- Who revokes and when is written before the wallet is asked; the COMMIT that spends the outpoint is what revokes.
create function portcullis.begin_revocation(asked jsonb, lease interval) returns void language plpgsql as $$
declare
  held portcullis.certification%rowtype;
  place bigint;
begin
  select * into held from portcullis.certification c where c.id = (asked->>'id')::uuid for update;
  if not found then perform portcullis.refuse('certification-unknown', 'there is no such certification'); end if;
  if held.leased_until > clock_timestamp() then perform portcullis.refuse('certification-busy', 'another is at it'); end if;
  if held.state not in ('issued', 'approved', 'refused', 'withdrawn') then perform portcullis.refuse('certification-conflict', 'it is ' || held.state); end if;
  place := held.revoked_leaf;
  if place is null then place := portcullis.record_act('revoked', asked->>'organisation', asked->>'id', decode(asked->>'leaf', 'hex')); end if;
  update portcullis.certification c set leased_until = clock_timestamp() + lease, revoked_leaf = place where c.id = held.id;
end $$;

create or replace function portcullis.erase_disclosures(asked jsonb) returns jsonb language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  who constant text := asked->>'subject';
  used constant uuid := (asked->>'keyId')::uuid;
  place bigint;
  erased bigint;
  requests bigint;
begin
  perform from portcullis.subject_key k where k.organisation = tenant and k.subject = who and k.id = used for update;
  if not found then return null; end if;
  -- What nobody can read any more nobody can approve.
  update portcullis.certification c set key_id = null, disclosure = null,
      state = case when c.state in ('pending', 'approved') then 'withdrawn' else c.state end
    where c.organisation = tenant and c.subject = who and c.key_id = used;
  get diagnostics requests = row_count;
  place := portcullis.record_act('erased', tenant, who, decode(asked->>'leaf', 'hex'));
  update portcullis.certificate c set key_id = null, disclosure = null, erased_leaf = place
    where c.organisation = tenant and c.subject = who and c.key_id = used;
  get diagnostics erased = row_count;
  delete from portcullis.subject_key k where k.organisation = tenant and k.subject = who and k.id = used;
  return jsonb_build_object('erased', erased + requests, 'leaf', place);
end $$;

-- As before, and also what this gateway has issued itself, presented or not.
create or replace function portcullis.claim_revocations(rate int, most int, due interval, lease interval) returns setof bytea language plpgsql as $$
declare
  clock constant timestamptz := clock_timestamp();
  used bigint;
begin
  perform pg_advisory_xact_lock(7364953);
  select count(*) into used from (select from portcullis.revocation r where r.claimed_at > clock - interval '1 minute' limit rate) recent;
  return query update portcullis.revocation r set claimed_at = clock where r.outpoint in (
    select x.outpoint from portcullis.revocation x
      where x.looked_at < clock - due and (x.claimed_at <= x.looked_at or x.claimed_at < clock - lease)
        and (exists (select from portcullis.certificate c where c.revocation_outpoint = x.outpoint and c.key_id is not null)
          or exists (select from portcullis.certification c where c.outpoint = x.outpoint and c.state = 'issued'))
      order by x.looked_at limit least(most, greatest(0, rate - used)) for update skip locked) returning r.outpoint;
end $$;

alter function portcullis.ask_certification(jsonb) set enable_seqscan = off;
alter function portcullis.ask_certification(jsonb) set jit = off;
alter function portcullis.erase_disclosures(jsonb) set enable_seqscan = off;
alter function portcullis.erase_disclosures(jsonb) set jit = off;
alter function portcullis.claim_revocations(int, int, interval, interval) set enable_seqscan = off;
`;

/** A certification is never forgotten: its serial number stays taken. */
export const CERTIFICATION_GRANTS = `
revoke delete on portcullis.certification from portcullis_app;
`;
