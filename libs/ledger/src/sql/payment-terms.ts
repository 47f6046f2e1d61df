/** Which price list the terms are of; who pays, where that is not who asked; and that a payment has come for them: ops/decisions/0056. */
const COLUMNS = `
alter table portcullis.payment_quote
  add column plan_version text,
  add column payer text,
  add column payment_seen bytea check (octet_length(payment_seen) = 32),
  add column payment_suffix text,
  add column payment_beef bytea check (octet_length(payment_beef) <= 65536);
create index payment_quote_held on portcullis.payment_quote (prefix) where payment_beef is not null and claimed_at is null;
-- What strangers were told a request costs.
create index payment_quote_stranger on portcullis.payment_quote (request_digest, expires_at)
  where claimed_at is null and payer is null and organisation = 'public';
`;

/** As in bounded-quotes, with the version of the plan. */
const QUOTES = `
create or replace function portcullis.find_or_create_quote(asked jsonb, digest bytea) returns setof portcullis.payment_quote language plpgsql as $$
begin
  -- The loop ends: each round either finds the open quote or is the one that makes it.
  loop
    return query select q.* from (select h.* from portcullis.payment_quote h
      where h.identity_key = asked->>'identityKey' and h.request_digest = digest and h.claimed_at is null and not h.superseded offset 0) q
      where q.expires_at > now();
    if found then return; end if;
    update portcullis.payment_quote q set superseded = true
      where q.prefix = (select h.prefix from portcullis.payment_quote h
          where h.identity_key = asked->>'identityKey' and h.request_digest = digest and h.claimed_at is null and not h.superseded)
        and q.claimed_at is null and not q.superseded and q.expires_at <= now();
    return query insert into portcullis.payment_quote as q
        (prefix, organisation, identity_key, request_digest, method, path, satoshis, plan_version, expires_at)
      values (asked->>'prefix', asked->>'organisation', asked->>'identityKey', digest, asked->>'method', asked->>'path',
        (asked->>'satoshis')::bigint, asked->>'planVersion', now() + (asked->>'ttlMs')::float8 * interval '1 millisecond')
      on conflict (identity_key, request_digest) where claimed_at is null and not superseded do nothing
      returning q.*;
    if found then return; end if;
  end loop;
end $$;
`;

const SHOWN = `
-- A payment has come for these terms. Written before it is judged, so that no crash in between makes us ask for a second one. It need not survive a crash of the
-- database itself, and nobody waits for a disk.
create function portcullis.see_payment(named text, who text, digest bytea, mark bytea) returns setof portcullis.payment_quote language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  update portcullis.payment_quote q set payment_seen = mark
    where q.prefix = named and q.identity_key = who and q.request_digest = digest and q.claimed_at is null and q.payment_seen is null;
  return query select q.* from portcullis.payment_quote q where q.prefix = named;
end $$;

-- A good payment whose request could not be finished for no fault of its own is kept for when the request comes again, with it or without. So many at most, of all.
create function portcullis.hold_payment(named text, mark bytea, suffix text, beef bytea, most int) returns void language plpgsql as $$
begin
  if (select count(*) from (select from portcullis.payment_quote h where h.payment_beef is not null and h.claimed_at is null limit most) held) >= most then
    return;
  end if;
  update portcullis.payment_quote q set payment_suffix = suffix, payment_beef = beef
    where q.prefix = named and q.payment_seen = mark and q.claimed_at is null and q.payment_beef is null;
end $$;

-- The terms of a payment that names none: it makes them itself, by its output, for the request that it comes with, until it is too old. Before it is taken they are
-- those of the request that it came with last; once it is taken they stay. No row: it is too old, or of the future.
create function portcullis.open_shown_terms(asked jsonb, digest bytea) returns setof portcullis.payment_quote language plpgsql as $$
declare
  moment constant timestamptz := to_timestamp((asked->>'atMs')::float8 / 1000);
  ends constant timestamptz := moment + (asked->>'lifeMs')::float8 * interval '1 millisecond';
begin
  if moment <= now() + (asked->>'aheadMs')::float8 * interval '1 millisecond' and ends > now() then
    insert into portcullis.payment_quote as q
        (prefix, organisation, identity_key, payer, request_digest, method, path, satoshis, plan_version, expires_at, superseded)
      values (asked->>'prefix', asked->>'organisation', asked->>'identityKey', asked->>'payer', digest, asked->>'method', asked->>'path',
        (asked->>'satoshis')::bigint, asked->>'planVersion', ends, true)
      on conflict (prefix) do update set (payer, request_digest, method, path, satoshis, plan_version, expires_at)
        = (excluded.payer, excluded.request_digest, excluded.method, excluded.path, excluded.satoshis, excluded.plan_version, excluded.expires_at)
        where q.claimed_at is null;
  end if;
  return query select q.* from portcullis.payment_quote q
    where q.prefix = asked->>'prefix' and (q.claimed_at is not null or q.expires_at > now());
end $$;
`;

const SETTINGS = [
  'find_or_create_quote(jsonb, bytea)',
  'see_payment(text, text, bytea, bytea)',
  'open_shown_terms(jsonb, bytea)',
  'hold_payment(text, bytea, text, bytea, int)',
]
  .map(
    (entrance) =>
      `alter function portcullis.${entrance} set enable_seqscan = off; alter function portcullis.${entrance} set jit = off;`,
  )
  .join('\n');

export const PAYMENT_TERMS = [COLUMNS, QUOTES, SHOWN, SETTINGS].join('\n');
