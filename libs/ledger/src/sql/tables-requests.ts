/** Who asked and what they paid: quotes, claims, sessions and the nonces seen in them. */
export const REQUEST_TABLES = `
create table portcullis.payment_quote (
  prefix text primary key,
  organisation text not null check (organisation <> ''),
  identity_key text not null,
  request_digest bytea not null check (octet_length(request_digest) = 32),
  method text not null,
  path text not null,
  satoshis bigint not null check (satoshis > 0),
  expires_at timestamptz not null,
  claimed_at timestamptz,
  superseded boolean not null default false,
  created_at timestamptz not null default now()
);
create unique index payment_quote_open on portcullis.payment_quote (identity_key, request_digest)
  where claimed_at is null and not superseded;

create index payment_quote_unpaid on portcullis.payment_quote (expires_at) where claimed_at is null;

create table portcullis.payment_claim (
  outpoint bytea primary key check (octet_length(outpoint) = 36),
  txid bytea not null generated always as (substring(outpoint from 1 for 32)) stored references portcullis.transaction deferrable initially deferred,
  prefix text not null unique references portcullis.payment_quote,
  organisation text not null check (organisation <> ''),
  identity_key text not null,
  request_digest bytea not null,
  satoshis bigint not null check (satoshis > 0),
  transition_id uuid references portcullis.transition,
  settlement text not null default 'applied'
    check (settlement in ('applied', 'broadcast', 'seen', 'mined', 'final', 'retracted')),
  leaf_index bigint,
  created_at timestamptz not null default now()
);
create index payment_claim_txid on portcullis.payment_claim (txid);
create index payment_claim_mined on portcullis.payment_claim (txid) where settlement = 'mined';
create unique index payment_claim_transition on portcullis.payment_claim (transition_id) where transition_id is not null;

create table portcullis.auth_session (
  session_nonce text primary key,
  identity_key text not null,
  peer_nonce text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index auth_session_expiry on portcullis.auth_session (expires_at);

create table portcullis.auth_nonce (
  session_nonce text not null references portcullis.auth_session on delete cascade,
  nonce text not null,
  primary key (session_nonce, nonce)
);
`;

export const QUOTE_FUNCTION = `
create function portcullis.find_or_create_quote(asked jsonb, digest bytea) returns setof portcullis.payment_quote language plpgsql as $$
begin
  -- The loop ends: each round either finds the open quote or is the one that makes it.
  loop
    return query select * from portcullis.payment_quote q
      where q.identity_key = asked->>'identityKey' and q.request_digest = digest
        and q.claimed_at is null and not q.superseded and q.expires_at > now();
    if found then return; end if;
    update portcullis.payment_quote q set superseded = true
      where q.identity_key = asked->>'identityKey' and q.request_digest = digest
        and q.claimed_at is null and not q.superseded and q.expires_at <= now();
    return query insert into portcullis.payment_quote as q
        (prefix, organisation, identity_key, request_digest, method, path, satoshis, expires_at)
      values (asked->>'prefix', asked->>'organisation', asked->>'identityKey', digest, asked->>'method', asked->>'path',
        (asked->>'satoshis')::bigint, now() + (asked->>'ttlMs')::float8 * interval '1 millisecond')
      on conflict (identity_key, request_digest) where claimed_at is null and not superseded do nothing
      returning q.*;
    if found then return; end if;
  end loop;
end $$;
`;
