/**
 * What is applied: transactions, transitions, topics, baskets, and the one table that says who spent what.
 * `transaction` and `spent_outpoint` hold facts of the public chain, named by content and shared by all; every other row has an organisation,
 * its own or its transition's. Ids of transactions and outpoints are bytes in wire order.
 */
export const STATE_TABLES = `
create table portcullis.transaction (
  txid bytea primary key,
  raw bytea not null,
  bump bytea, bump_root bytea, block_hash bytea, block_height integer,
  refused_at timestamptz,
  created_at timestamptz not null default now(),
  constraint transaction_is_its_bytes check (txid = sha256(sha256(raw))),
  constraint transaction_proof_whole check (num_nulls(bump, bump_root, block_hash, block_height) in (0, 4)),
  constraint transaction_proof_outweighs_refusal check (bump is null or refused_at is null)
);
alter table portcullis.transaction alter column raw set storage external;
create index transaction_block on portcullis.transaction (block_hash) where block_hash is not null;

create table portcullis.transition (
  id uuid primary key,
  organisation text not null check (organisation <> ''),
  identity_key text not null,
  request_key text not null,
  request_digest bytea not null check (octet_length(request_digest) = 32),
  request_id text not null,
  txid bytea not null references portcullis.transaction deferrable initially deferred,
  topics text[] not null,
  settlement text not null check (settlement in ('applied', 'broadcast', 'seen', 'mined', 'final', 'retracted')),
  receipt jsonb,
  leaf_index bigint,
  created_at timestamptz not null default now(),
  constraint transition_request unique (organisation, request_key)
);
create index transition_txid on portcullis.transition (txid);
create index transition_mined on portcullis.transition (txid) where settlement = 'mined';

create table portcullis.settlement_event (
  transition_id uuid not null references portcullis.transition,
  seq integer not null,
  settlement text not null,
  at timestamptz not null default now(),
  detail jsonb not null,
  primary key (transition_id, seq)
);

create table portcullis.applied_transaction (
  topic text not null,
  txid bytea not null,
  transition_id uuid not null references portcullis.transition,
  primary key (topic, txid)
);
create index applied_transaction_txid on portcullis.applied_transaction (txid);
create index applied_transaction_transition on portcullis.applied_transaction (transition_id);

create table portcullis.spent_outpoint (
  outpoint bytea primary key check (octet_length(outpoint) = 36),
  spender_txid bytea not null
);
create index spent_outpoint_spender on portcullis.spent_outpoint (spender_txid);

create table portcullis.topic_output (
  topic text not null,
  txid bytea not null,
  vout integer not null,
  satoshis bigint not null check (satoshis between 0 and 2100000000000000),
  locking_script bytea not null,
  transition_id uuid not null references portcullis.transition,
  spent_by bytea,
  retained boolean not null default false,
  retracted boolean not null default false,
  primary key (topic, txid, vout),
  constraint topic_output_retained_is_spent check (spent_by is not null or not retained)
);
create index topic_output_txid on portcullis.topic_output (txid);
create index topic_output_spent_by on portcullis.topic_output (spent_by) where spent_by is not null;
create index topic_output_transition on portcullis.topic_output (transition_id);

create table portcullis.topic_output_key (
  topic text not null,
  key text not null,
  txid bytea not null,
  vout integer not null,
  primary key (topic, key, txid, vout),
  foreign key (topic, txid, vout) references portcullis.topic_output
);

create table portcullis.basket_output (
  txid bytea not null,
  vout integer not null,
  organisation text not null check (organisation <> ''),
  basket text not null,
  satoshis bigint not null check (satoshis between 0 and 2100000000000000),
  locking_script bytea not null,
  transition_id uuid not null references portcullis.transition,
  removed_by bytea,
  retracted boolean not null default false,
  primary key (txid, vout)
);
create index basket_output_live on portcullis.basket_output (organisation, basket, txid, vout) where removed_by is null and not retracted;
create index basket_output_removed_by on portcullis.basket_output (removed_by) where removed_by is not null;
create index basket_output_transition on portcullis.basket_output (transition_id);
`;
