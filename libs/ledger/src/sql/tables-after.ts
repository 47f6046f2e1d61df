/** What follows a COMMIT, and what is never forgotten about it: outbox and audit. */
export const AFTER_TABLES = `
create table portcullis.outbox (
  id bigserial primary key,
  dedupe_key text not null unique,
  organisation text not null check (organisation <> ''),
  kind text not null,
  txid bytea,
  transition_id uuid references portcullis.transition,
  payload jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'leased', 'done', 'parked')),
  attempts integer not null default 0,
  available_at timestamptz not null default now(),
  lease_number integer not null default 0,
  lease_until timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  constraint outbox_lease_has_end check ((state = 'leased') = (lease_until is not null))
);
create index outbox_waiting on portcullis.outbox (available_at, id) where state = 'waiting';
create index outbox_leased on portcullis.outbox (lease_until) where state = 'leased';
create index outbox_txid on portcullis.outbox (txid) where txid is not null;

create table portcullis.audit_leaf (
  index bigint primary key,
  organisation text not null check (organisation <> ''),
  leaf bytea not null,
  leaf_hash bytea not null,
  previous_hash bytea not null,
  hash bytea not null,
  at timestamptz not null
);

create table portcullis.audit_head (
  singleton boolean primary key default true check (singleton),
  next_index bigint not null,
  hash bytea not null
);
insert into portcullis.audit_head (next_index, hash) values (0, decode(repeat('00', 32), 'hex'));

-- Whoever inserts gives a leaf; its place in the chain is never theirs to choose. SECURITY DEFINER: the application cannot touch the head.
create function portcullis.chain_audit_leaf() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare head portcullis.audit_head%rowtype;
begin
  select * into strict head from portcullis.audit_head for update;
  new.index := head.next_index;
  new.previous_hash := head.hash;
  new.leaf_hash := sha256(new.leaf);
  new.hash := sha256(head.hash || new.leaf_hash);
  new.at := clock_timestamp();
  update portcullis.audit_head set next_index = head.next_index + 1, hash = new.hash;
  return new;
end $$;
create trigger chain_audit_leaf before insert on portcullis.audit_leaf
  for each row execute function portcullis.chain_audit_leaf();

create function portcullis.refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit_leaf is append-only: % refused', tg_op using errcode = 'insufficient_privilege';
end $$;
create trigger refuse_audit_change before update or delete on portcullis.audit_leaf
  for each row execute function portcullis.refuse_audit_change();
create trigger refuse_audit_truncate before truncate on portcullis.audit_leaf
  for each statement execute function portcullis.refuse_audit_change();

create function portcullis.append_audit_leaf(tenant text, bytes bytea) returns bigint language sql as $$
  insert into portcullis.audit_leaf (organisation, leaf) values (tenant, bytes) returning index;
$$;
`;
