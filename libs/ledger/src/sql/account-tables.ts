/**
 * What an organisation has paid ahead, has drawn, and owes. The row of an account is locked before an entry is written, so that entries are numbered without
 * gaps and a balance is what the entries before it add up to. Who takes a payment locks its terms first, then uses, then the account.
 */
export const ACCOUNT_TABLES = `
create table portcullis.account (
  organisation text primary key check (organisation <> ''),
  -- Satoshis paid ahead; below zero as far as credit is given.
  balance bigint not null default 0,
  -- Satoshis of payments that the network refused after they were taken. While there are any, nothing is drawn.
  debt bigint not null default 0 check (debt >= 0),
  entries bigint not null default 0
);

-- What changed a balance. Never rewritten.
create table portcullis.account_entry (
  organisation text not null references portcullis.account,
  seq bigint not null check (seq > 0),
  kind text not null check (kind in ('top-up', 'overpaid', 'draw', 'credit', 'debt')),
  -- What it does to the balance, and to the debt.
  satoshis bigint not null,
  owed bigint not null,
  balance_after bigint not null,
  debt_after bigint not null check (debt_after >= 0),
  -- How far below zero the balance was allowed to go.
  credit_limit bigint not null default 0 check (credit_limit >= 0),
  -- What it is for. Nothing is entered twice.
  key text not null,
  identity_key text not null,
  plan text,
  method text,
  path text,
  leaf_index bigint,
  at timestamptz not null default clock_timestamp(),
  primary key (organisation, seq),
  unique (organisation, key),
  constraint account_entry_draws_within_credit check (kind <> 'draw' or (satoshis <= 0 and owed = 0 and debt_after = 0 and (satoshis = 0 or balance_after >= -credit_limit)))
);

-- How much of an allowance, or of a volume that sets the price, is used up in one period. Of an organisation, or of an address ('address …').
create table portcullis.account_use (
  organisation text not null,
  counter text not null,
  starts timestamptz not null,
  ends timestamptz not null check (ends > starts),
  used bigint not null check (used >= 0),
  -- Null: counted, and not bounded.
  granted bigint,
  primary key (organisation, counter, starts),
  constraint account_use_within_grant check (granted is null or used <= granted)
);
create index account_use_end on portcullis.account_use (ends);

-- What was taken for a request that is being served. The row goes when it was; whoever finds it after its time gives the money back.
create table portcullis.unserved (
  organisation text not null,
  key text not null,
  satoshis bigint not null check (satoshis >= 0),
  -- Requests that are at it: what was paid for once may be asked for again, until it is served.
  attempts integer not null check (attempts >= 0),
  until timestamptz not null,
  -- What it was counted as.
  uses jsonb,
  primary key (organisation, key)
);
create index unserved_until on portcullis.unserved (until);

-- What the network has not accepted yet.
create index payment_claim_exposed on portcullis.payment_claim (organisation) where settlement = 'applied';

-- What was kept of it as the price, where that is not what the terms said: less, where what was served is measured; nothing, where it was paid ahead.
alter table portcullis.payment_claim add column charged bigint check (charged between 0 and satoshis);
-- Whose account it is of, where that is neither who asked nor the key that paid: the organisation of that key.
alter table portcullis.payment_claim add column holder text;

-- What customers of the operator pay, version by version. Never rewritten.
create table portcullis.plan (
  name text not null,
  version integer not null check (version > 0),
  organisation text not null check (organisation <> ''),
  identity_key text not null,
  effective_from timestamptz not null,
  definition jsonb not null,
  leaf_index bigint not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (name, version)
);

do $$
declare
  held text;
begin
  select pg_get_constraintdef(c.oid) into held from pg_constraint c
    where c.conrelid = 'portcullis.audited_act'::regclass and c.conname = 'audited_act_kind_check';
  alter table portcullis.audited_act drop constraint audited_act_kind_check;
  execute format('alter table portcullis.audited_act add constraint audited_act_kind_check check (%s or kind in (%L, %L, %L))',
    substring(held from 'CHECK (.*)'), 'drawn', 'credited', 'plan-published');
end $$;
`;

/** What was entered stays. */
export const ACCOUNT_GRANTS = `
revoke delete on portcullis.account, portcullis.account_entry, portcullis.plan from portcullis_app;
revoke update on portcullis.account_entry, portcullis.plan from portcullis_app;
grant update (leaf_index) on portcullis.account_entry to portcullis_app;
`;
