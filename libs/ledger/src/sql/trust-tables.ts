/**
 * Whom each organisation trusts to certify what, from when until when. A row is never rewritten: it ends, and never earlier than the moment at which that was
 * agreed. So what was trusted at a moment that is over stays as it was, and what is in force now is a question to the clock of the database.
 */
export const TRUST_TABLES = `
-- The row that everybody locks who changes what an organisation trusts.
create table portcullis.trust_registry (
  organisation text primary key check (organisation <> '')
);

create table portcullis.trust_change (
  id uuid primary key,
  place bigint not null generated always as identity unique,
  organisation text not null references portcullis.trust_registry,
  kind text not null check (kind in ('add', 'pin', 'import', 'end')),
  -- Canonical JSON; its hash is in the leaves.
  content text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  proposed_leaf bigint not null,
  -- Null: as soon as enough agree.
  effective_at timestamptz,
  approvals_needed integer not null check (approvals_needed > 0),
  agreed_at timestamptz,
  took_effect_at timestamptz,
  withdrawn_by text,
  withdrawn_at timestamptz,
  withdrawn_leaf bigint,
  constraint trust_change_ends_once check (num_nonnulls(agreed_at, withdrawn_at) <= 1),
  constraint trust_change_agreed_has_moment check ((agreed_at is null) = (took_effect_at is null)),
  constraint trust_change_looks_ahead check (took_effect_at >= agreed_at),
  constraint trust_change_withdrawn_by_act check (num_nulls(withdrawn_by, withdrawn_at, withdrawn_leaf) in (0, 3))
);
create index trust_change_organisation on portcullis.trust_change (organisation, place desc);
create index trust_change_open on portcullis.trust_change (organisation) where agreed_at is null and withdrawn_at is null;

-- One identity agrees once.
create table portcullis.trust_approval (
  change_id uuid not null references portcullis.trust_change,
  identity_key text not null,
  approved_at timestamptz not null,
  leaf_index bigint not null,
  primary key (change_id, identity_key)
);

create table portcullis.trust_rule (
  id uuid primary key default gen_random_uuid(),
  organisation text not null references portcullis.trust_registry,
  certifier text not null,
  type text not null,
  fields text[] not null,
  revocable boolean not null,
  -- By the certifier, for bundles of this organisation.
  endorsement text,
  -- The bundle it comes from: who signed it, and for whom. Null: the organisation's own.
  gateway text,
  speaks_for text,
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  change_id uuid not null references portcullis.trust_change,
  ended_by uuid references portcullis.trust_change,
  constraint trust_rule_ends_after check (valid_until >= valid_from),
  constraint trust_rule_has_source check (num_nulls(gateway, speaks_for) in (0, 2))
);
create index trust_rule_until on portcullis.trust_rule (organisation, valid_until);

-- Which gateway may speak for which organisation.
create table portcullis.trust_pin (
  id uuid primary key default gen_random_uuid(),
  organisation text not null references portcullis.trust_registry,
  gateway text not null,
  speaks_for text not null,
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  change_id uuid not null references portcullis.trust_change,
  ended_by uuid references portcullis.trust_change,
  constraint trust_pin_ends_after check (valid_until >= valid_from)
);
create index trust_pin_until on portcullis.trust_pin (organisation, valid_until);

-- The last bundle that was imported. It outlives the pin: an old bundle stays old.
create table portcullis.trust_source (
  organisation text not null references portcullis.trust_registry,
  gateway text not null,
  speaks_for text not null,
  sequence bigint not null check (sequence > 0),
  primary key (organisation, gateway, speaks_for)
);

alter table portcullis.audited_act drop constraint audited_act_kind_check,
  add constraint audited_act_kind_check check (kind in ('evicted', 'relinquished', 'offered', 'withdrawn', 'presented', 'erased',
    'trust-proposed', 'trust-approved', 'trust-withdrawn'));
`;

/** What was decided stays. A rule and a pin end, a change is agreed to or withdrawn, and nothing else of them changes. */
export const TRUST_GRANTS = `
revoke update, delete on portcullis.trust_registry, portcullis.trust_change, portcullis.trust_approval, portcullis.trust_rule, portcullis.trust_pin,
  portcullis.trust_source from portcullis_app;
-- The least that a lock of the row needs.
grant update (organisation) on portcullis.trust_registry to portcullis_app;
grant update (agreed_at, took_effect_at, withdrawn_by, withdrawn_at, withdrawn_leaf) on portcullis.trust_change to portcullis_app;
grant update (valid_until, ended_by) on portcullis.trust_rule, portcullis.trust_pin to portcullis_app;
grant update (sequence) on portcullis.trust_source to portcullis_app;
`;
