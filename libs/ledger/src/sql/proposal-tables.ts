/**
 * Transactions that wait for the approvals of several organisations. Everybody who acts on a proposal locks its row first, so that an approval, a withdrawal and
 * the COMMIT come one after another. Nothing here is written by a revocation: what rests on a certificate is over with the `revoked_at` of its outpoint, which is
 * written in the statement that ends the sessions.
 */
export const PROPOSAL_TABLES = `
create table portcullis.proposal (
  id uuid primary key,
  place bigint not null generated always as identity unique,
  organisation text not null check (organisation <> ''),
  identity_key text not null,
  gateway text not null,
  txid bytea not null check (octet_length(txid) = 32),
  topics text[] not null check (cardinality(topics) > 0),
  step text,
  parties text[] not null,
  needed integer not null,
  deadline timestamptz not null,
  terms_digest bytea not null check (octet_length(terms_digest) = 32),
  content_hash bytea not null check (octet_length(content_hash) = 32),
  -- What the submission would do beside the topics: baskets, labels, mode. Kept while it is open; its hash stays.
  content jsonb,
  -- Kept while it is open; committed, the transaction is in the ledger.
  beef bytea,
  off_chain_values bytea,
  state text not null default 'open' check (state in ('open', 'committed', 'withdrawn', 'expired')),
  proposed_at timestamptz not null,
  proposed_leaf bigint not null,
  transition_id uuid unique references portcullis.transition,
  withdrawn_by text,
  withdrawn_at timestamptz,
  withdrawn_leaf bigint,
  constraint proposal_quorum_can_stand check (needed between 1 and cardinality(parties)),
  constraint proposal_committed_by_transition check ((state = 'committed') = (transition_id is not null)),
  constraint proposal_withdrawn_by_act check (num_nonnulls(withdrawn_by, withdrawn_at, withdrawn_leaf) = case when state = 'withdrawn' then 3 else 0 end),
  constraint proposal_keeps_bytes_while_open check ((beef is not null) = (state = 'open') and (content is not null) = (state = 'open') and (off_chain_values is null or state = 'open'))
);
create unique index proposal_open on portcullis.proposal (organisation, txid, topics) where state = 'open';
create index proposal_of_terms on portcullis.proposal (terms_digest);
create index proposal_committed on portcullis.proposal (organisation, txid) where state = 'committed';
create index proposal_due on portcullis.proposal (deadline) where state = 'open';

-- Who is shown it: the proposer's organisation and those that are asked.
create table portcullis.proposal_party (
  organisation text not null,
  place bigint not null references portcullis.proposal (place),
  primary key (organisation, place)
);

-- One identity approves once.
create table portcullis.proposal_approval (
  proposal_id uuid not null references portcullis.proposal,
  identity_key text not null,
  organisation text not null,
  statement text not null,
  signature bytea not null,
  -- Of the certificates that it rests on.
  outpoints bytea[] not null,
  relies jsonb not null,
  approved_at timestamptz not null,
  leaf_index bigint not null,
  rounds integer not null default 1,
  withdrawn_at timestamptz,
  withdrawn_leaf bigint,
  primary key (proposal_id, identity_key),
  constraint proposal_approval_withdrawn_by_act check (num_nulls(withdrawn_at, withdrawn_leaf) in (0, 2))
);

-- The approvals that a COMMIT counted. The transition's, never rewritten.
create table portcullis.proposal_count (
  transition_id uuid not null references portcullis.transition,
  proposal_id uuid not null,
  identity_key text not null,
  organisation text not null,
  statement_hash bytea not null check (octet_length(statement_hash) = 32),
  primary key (transition_id, identity_key),
  foreign key (proposal_id, identity_key) references portcullis.proposal_approval
);

-- Added to what is there, whatever other migrations have put there.
do $$
declare
  held text;
begin
  select pg_get_constraintdef(c.oid) into held from pg_constraint c
    where c.conrelid = 'portcullis.audited_act'::regclass and c.conname = 'audited_act_kind_check';
  alter table portcullis.audited_act drop constraint audited_act_kind_check;
  execute format('alter table portcullis.audited_act add constraint audited_act_kind_check check (%s or kind in (%L, %L, %L, %L))',
    substring(held from 'CHECK (.*)'), 'proposed', 'proposal-approved', 'approval-withdrawn', 'proposal-withdrawn');
end $$;
`;

/** What was decided stays. */
export const PROPOSAL_GRANTS = `
revoke delete on portcullis.proposal, portcullis.proposal_party, portcullis.proposal_approval, portcullis.proposal_count from portcullis_app;
revoke update on portcullis.proposal, portcullis.proposal_party, portcullis.proposal_count from portcullis_app;
grant update (state, transition_id, beef, off_chain_values, content, withdrawn_by, withdrawn_at, withdrawn_leaf) on portcullis.proposal to portcullis_app;
`;
