/** The leaf of an issue names who issued: version, decision and time take ten octets, then each text comes with its length. */
export const CERTIFIERS_OF_BEFORE = `
with measured as (
  select c.id, l.leaf, ('x' || encode(substring(l.leaf from 11 for 4), 'hex'))::bit(32)::int as skipped from portcullis.certification c
    join portcullis.audit_leaf l on l.index = c.issued_leaf
), named as (
  select m.id, substring(m.leaf from 19 + m.skipped for ('x' || encode(substring(m.leaf from 15 + m.skipped for 4), 'hex'))::bit(32)::int) as key from measured m
)
update portcullis.certification c set certifier = convert_from(n.key, 'UTF8') from named n where n.id = c.id;
`;

/**
 * How many certificates of a type one identity may have, counted under one lock wherever the count grows, and by which key each was signed. Locks: key of the
 * subject, identity and type, certification, head of the audit.
 */
export const CERTIFICATION_BOUNDS = `
alter table portcullis.certification
  -- What the count was held against when this one was let in; unknown for those from before.
  add column live_max int check (live_max > 0),
  -- The key that signed it: a change of keys does not change who answers for it.
  add column certifier text;

${CERTIFIERS_OF_BEFORE}
alter table portcullis.certification add constraint certification_has_certifier check ((certifier is null) = (signature is null));

-- Ordered to be revoked is not revoked yet: until its outpoint is spent, everybody who looks at the chain takes it.
create function portcullis.count_live_certifications(who text, what text, but uuid) returns bigint language sql stable as $$
  select count(*) from portcullis.certification c where c.subject = who and c.type = what and c.id <> but
    and (c.state in ('pending', 'approved') and c.revoked_leaf is null
      or c.state = 'issued' and not exists (select from portcullis.spent_outpoint s where s.outpoint = c.outpoint)
        and not exists (select from portcullis.revocation r where r.outpoint = c.outpoint and r.state = 'revoked'))
$$;

-- One at a time for an identity and a type, whichever organisation the identity is of for this replica: the lock of its key is another one in each.
create function portcullis.bound_certifications(who text, what text, but uuid, most int) returns void language plpgsql as $$
declare
  live bigint;
begin
  live := portcullis.count_live_certifications(who, what, but);
  if live >= most then perform portcullis.refuse('certification-exhausted', format('this identity has %s certificates and requests of this type', live)); end if;
end $$;

create or replace function portcullis.ask_certification(asked jsonb) returns jsonb language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  who constant text := asked->>'subject';
  used constant uuid := (asked->>'keyId')::uuid;
  found_key uuid;
  held portcullis.certification%rowtype;
begin
  if asked ? 'newKey' then
    insert into portcullis.subject_key (organisation, subject, id, wrapped, wrapped_by)
      values (tenant, who, used, decode(asked->'newKey'->>'wrapped', 'hex'), asked->'newKey'->>'wrappedBy') on conflict (organisation, subject) do nothing;
  end if;
  select k.id into found_key from portcullis.subject_key k where k.organisation = tenant and k.subject = who for update;
  if found_key is distinct from used then return null; end if;
  perform pg_advisory_xact_lock(7364954, hashtext(who || ' ' || (asked->>'type')));
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
  perform portcullis.bound_certifications(who, asked->>'type', (asked->>'id')::uuid, (asked->>'liveMax')::int);
  insert into portcullis.certification (id, organisation, subject, type, content, state, client_nonce, server_nonce, serial_number, fields, key_id, disclosure,
      live_max)
    values ((asked->>'id')::uuid, tenant, who, asked->>'type', decode(asked->>'content', 'hex'), asked->>'state', asked->>'clientNonce', asked->>'serverNonce',
      asked->>'serialNumber', asked->'fields', used, decode(asked->>'disclosure', 'hex'), (asked->>'liveMax')::int);
  return jsonb_build_object('id', asked->>'id');
end $$;

-- Null: it was decided so before.
create or replace function portcullis.decide_certification(asked jsonb) returns bigint language plpgsql as $$
declare
  verdict constant text := asked->>'verdict';
  held portcullis.certification%rowtype;
  most int;
  place bigint;
begin
  select * into held from portcullis.certification c where c.id = (asked->>'id')::uuid;
  if not found then perform portcullis.refuse('certification-unknown', 'there is no such certification'); end if;
  -- Whose it is and of which type never changes, and the lock of these comes before that of the row.
  perform pg_advisory_xact_lock(7364954, hashtext(held.subject || ' ' || held.type));
  select * into held from portcullis.certification c where c.id = held.id for update;
  if held.state = verdict or (held.state = 'issued' and verdict = 'approved') then return null; end if;
  if held.state in ('issued', 'withdrawn') or held.revoked_leaf is not null then
    perform portcullis.refuse('certification-conflict', 'it is ' || case when held.revoked_leaf is null then held.state else 'revoked' end);
  end if;
  if held.leased_until > clock_timestamp() then perform portcullis.refuse('certification-busy', 'the certificate is being made'); end if;
  if verdict = 'approved' then
    if held.disclosure is null then perform portcullis.refuse('certification-conflict', 'what came with it was erased'); end if;
    -- A refusal made room, which may be taken by now.
    most := coalesce((asked->'liveMaxOf'->>held.type)::int, 0);
    if held.state = 'refused' then perform portcullis.bound_certifications(held.subject, held.type, held.id, most); end if;
  end if;
  place := portcullis.record_act(verdict, asked->>'organisation', asked->>'id', decode(asked->>'leaf', 'hex'));
  update portcullis.certification c set state = verdict, decided_by = asked->>'identityKey', decided_leaf = place,
    live_max = case when held.state = 'refused' then most else c.live_max end where c.id = held.id;
  return place;
end $$;

-- Null: it is no longer the request that was signed, or another signed it.
create or replace function portcullis.issue_certification(asked jsonb) returns bigint language plpgsql as $$
declare
  held portcullis.certification%rowtype;
  place bigint;
  clock timestamptz;
begin
  select * into held from portcullis.certification c where c.id = (asked->>'id')::uuid for update;
  if not found or held.state <> 'approved' or held.revoked_leaf is not null or held.serial_number <> asked->>'serialNumber'
    or held.outpoint is distinct from decode(asked->>'outpoint', 'hex') then return null; end if;
  place := portcullis.record_act('certified', asked->>'organisation', asked->>'hash', decode(asked->>'leaf', 'hex'));
  update portcullis.certification c set state = 'issued', signature = decode(asked->>'signature', 'hex'), certifier = asked->>'certifier', issued_leaf = place
    where c.id = held.id;
  clock := clock_timestamp();
  insert into portcullis.revocation (outpoint, state, source, looked_at, claimed_at) values (held.outpoint, 'unknown', 'not asked yet', clock, clock)
    on conflict do nothing;
  return place;
end $$;

alter function portcullis.ask_certification(jsonb) set enable_seqscan = off;
alter function portcullis.ask_certification(jsonb) set jit = off;
alter function portcullis.decide_certification(jsonb) set enable_seqscan = off;
alter function portcullis.decide_certification(jsonb) set jit = off;
`;

/** Which key of the gateway speaks for the certificates of which when that one has ended, as it said itself while it counted. Once: what it said first stands. */
export const KEY_SUCCESSIONS = `
create table portcullis.key_succession (
  certifier text primary key,
  successor text not null check (successor <> certifier),
  -- As it is signed.
  issued_at text not null,
  signature bytea not null
);
revoke update, delete on portcullis.key_succession from portcullis_app;
`;
