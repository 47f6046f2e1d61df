/**
 * Certificates that callers presented, and the key of each subject under which what they disclosed is encrypted. A certificate is one of its certifier, type and
 * serial number, whoever presents it. Without the key a disclosure is noise: erasure destroys the key, and what stays are public facts and keyed hashes.
 */
export const CERTIFICATE_TABLES = `
create table portcullis.subject_key (
  organisation text not null check (organisation <> ''),
  subject text not null check (subject <> ''),
  id uuid not null,
  wrapped bytea not null,
  -- The gateway's identity key at that time: another cannot unwrap it.
  wrapped_by text not null,
  created_at timestamptz not null default now(),
  primary key (organisation, subject),
  unique (organisation, subject, id)
);

create table portcullis.certificate (
  certifier text not null,
  type text not null,
  serial_number text not null,
  organisation text not null check (organisation <> ''),
  subject text not null,
  certificate_hash bytea not null check (octet_length(certificate_hash) = 32),
  -- Null: it cannot be revoked.
  revocation_outpoint bytea check (octet_length(revocation_outpoint) = 36),
  -- What was found out about it when it was presented: state, source, time.
  revocation jsonb not null,
  -- Name of each field that was disclosed and stored → hash of its value, keyed with the subject's own key.
  disclosed jsonb not null check (jsonb_typeof(disclosed) = 'object'),
  key_id uuid,
  disclosure bytea,
  presented_leaf bigint not null,
  erased_leaf bigint,
  presented_at timestamptz not null,
  primary key (certifier, type, serial_number),
  foreign key (organisation, subject, key_id) references portcullis.subject_key (organisation, subject, id),
  constraint certificate_disclosure_has_key check (num_nulls(key_id, disclosure) in (0, 2)),
  constraint certificate_erased_by_act check ((key_id is null) = (erased_leaf is not null))
);
create index certificate_subject on portcullis.certificate (organisation, subject, certifier, type, serial_number);
create index certificate_key on portcullis.certificate (organisation, subject, key_id) where key_id is not null;

alter table portcullis.audited_act drop constraint audited_act_kind_check,
  add constraint audited_act_kind_check check (kind in ('evicted', 'relinquished', 'offered', 'withdrawn', 'presented', 'erased'));
`;

export const CERTIFICATES = `
-- The row of the key is locked by whoever uses it and by whoever destroys it: a disclosure is stored under a key that is there, or not at all.
-- Null: another key is there than the one it is encrypted with. Whoever asks encrypts again and comes back.
create function portcullis.present_certificate(asked jsonb) returns jsonb language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  who constant text := asked->>'subject';
  used constant uuid := (asked->>'keyId')::uuid;
  given constant bytea := decode(asked->>'hash', 'hex');
  found_key uuid;
  held portcullis.certificate%rowtype;
  place bigint;
begin
  -- A key that was there when it was used for encrypting is never put back: it may have been destroyed since.
  if asked ? 'newKey' then
    insert into portcullis.subject_key (organisation, subject, id, wrapped, wrapped_by)
      values (tenant, who, used, decode(asked->'newKey'->>'wrapped', 'hex'), asked->'newKey'->>'wrappedBy') on conflict (organisation, subject) do nothing;
  end if;
  select k.id into found_key from portcullis.subject_key k where k.organisation = tenant and k.subject = who for update;
  if found_key is distinct from used then return null; end if;
  -- Asked of others before; what this ledger has committed since then counts too.
  if exists (select from portcullis.spent_outpoint s where s.outpoint = decode(asked->>'revocationOutpoint', 'hex')) then
    perform portcullis.refuse('certificate-revoked', 'its revocation outpoint is spent');
  end if;
  -- Not locked: its content never changes, and what does change is the subject's alone, whose key is locked. Locks: key, head of the audit, certificate.
  select * into held from portcullis.certificate c
    where c.certifier = asked->>'certifier' and c.type = asked->>'type' and c.serial_number = asked->>'serialNumber';
  if found then
    if held.certificate_hash <> given or held.subject <> who then
      perform portcullis.refuse('certificate-conflict', 'a certificate of another content has this certifier, type and serial number');
    end if;
    -- Who erased it wishes it back by a request, not by the next handshake of a client that knows nothing of it.
    if held.erased_leaf is not null and not (asked->>'isWished')::boolean then
      perform portcullis.refuse('certificate-erased', 'what it disclosed was erased');
    end if;
    if held.key_id = used and held.organisation = tenant then
      if exists (select from jsonb_each_text(held.disclosed) a join jsonb_each_text(asked->'disclosed') b on a.key = b.key where a.value <> b.value) then
        perform portcullis.refuse('certificate-conflict', 'a field discloses another value than before');
      end if;
      if held.disclosed = asked->'disclosed' then
        update portcullis.certificate c set revocation = asked->'revocation'
          where c.certifier = held.certifier and c.type = held.type and c.serial_number = held.serial_number;
        return jsonb_build_object('outcome', 'known', 'leaf', held.presented_leaf);
      end if;
    end if;
  end if;
  place := portcullis.record_act('presented', tenant, asked->>'hash', decode(asked->>'leaf', 'hex'));
  insert into portcullis.certificate as c (certifier, type, serial_number, organisation, subject, certificate_hash, revocation_outpoint, revocation, disclosed,
      key_id, disclosure, presented_leaf, presented_at)
    values (asked->>'certifier', asked->>'type', asked->>'serialNumber', tenant, who, given, decode(asked->>'revocationOutpoint', 'hex'), asked->'revocation',
      asked->'disclosed', used, decode(asked->>'disclosure', 'hex'), place, clock_timestamp())
    on conflict (certifier, type, serial_number) do update set organisation = excluded.organisation, revocation = excluded.revocation,
      disclosed = excluded.disclosed, key_id = excluded.key_id, disclosure = excluded.disclosure, presented_leaf = excluded.presented_leaf,
      presented_at = excluded.presented_at, erased_leaf = null
      where c.certificate_hash = excluded.certificate_hash and c.subject = excluded.subject;
  -- Presented at the same moment with another content. The leaf goes with the refusal.
  if not found then
    perform portcullis.refuse('certificate-conflict', 'a certificate of another content has this certifier, type and serial number');
  end if;
  return jsonb_build_object('outcome', 'presented', 'leaf', place);
end $$;

-- Null: the key is another by now, or gone. Whoever presents at this moment is first or finds the key gone.
create function portcullis.erase_disclosures(asked jsonb) returns jsonb language plpgsql as $$
declare
  tenant constant text := asked->>'organisation';
  who constant text := asked->>'subject';
  used constant uuid := (asked->>'keyId')::uuid;
  place bigint;
  erased bigint;
begin
  perform from portcullis.subject_key k where k.organisation = tenant and k.subject = who and k.id = used for update;
  if not found then return null; end if;
  place := portcullis.record_act('erased', tenant, who, decode(asked->>'leaf', 'hex'));
  update portcullis.certificate c set key_id = null, disclosure = null, erased_leaf = place
    where c.organisation = tenant and c.subject = who and c.key_id = used;
  get diagnostics erased = row_count;
  delete from portcullis.subject_key k where k.organisation = tenant and k.subject = who and k.id = used;
  return jsonb_build_object('erased', erased, 'leaf', place);
end $$;

alter function portcullis.present_certificate(jsonb) set enable_seqscan = off;
alter function portcullis.present_certificate(jsonb) set jit = off;
alter function portcullis.erase_disclosures(jsonb) set enable_seqscan = off;
alter function portcullis.erase_disclosures(jsonb) set jit = off;
`;

/** A certificate is never forgotten: its serial number stays taken. A key is destroyed and never rewritten. */
export const CERTIFICATE_GRANTS = `
grant select, insert, update, delete on portcullis.subject_key, portcullis.certificate to portcullis_app;
revoke update on portcullis.subject_key from portcullis_app;
-- The least that a lock of the row needs.
grant update (wrapped_by) on portcullis.subject_key to portcullis_app;
revoke update, delete on portcullis.certificate from portcullis_app;
grant update (organisation, revocation, disclosed, key_id, disclosure, presented_leaf, presented_at, erased_leaf) on portcullis.certificate to portcullis_app;
`;
