/** The open terms are found by who asks for what; by their end alone, as an index offers too, all that are open would be read. */
export const BOUNDED_QUOTES = `
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
        (prefix, organisation, identity_key, request_digest, method, path, satoshis, expires_at)
      values (asked->>'prefix', asked->>'organisation', asked->>'identityKey', digest, asked->>'method', asked->>'path',
        (asked->>'satoshis')::bigint, now() + (asked->>'ttlMs')::float8 * interval '1 millisecond')
      on conflict (identity_key, request_digest) where claimed_at is null and not superseded do nothing
      returning q.*;
    if found then return; end if;
  end loop;
end $$;
`;
