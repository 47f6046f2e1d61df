/** Of one account: whoever logs in once more ends the oldest, so that an account leaves no more rows than these. */
const PERSON_SESSIONS_MAX = 10;

export const PEOPLE_TABLES = `
-- A row is a session that may still be in force: whoever ends one removes it. The token itself is nowhere.
create table portcullis.person_session (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  organisation text not null check (organisation <> ''),
  issuer text not null,
  subject text not null,
  -- As the provider calls them, for the page; decides nothing.
  display_name text,
  -- Values of the claim that the configuration knew at the login. What they give is asked of the configuration of the day.
  grants text[] not null,
  created_at timestamptz not null default now(),
  -- Moves on while the session is used, and never past ends_at.
  expires_at timestamptz not null,
  ends_at timestamptz not null,
  constraint person_session_ends_in_time check (expires_at <= ends_at),
  constraint person_session_begins_before check (ends_at > created_at)
);
create index person_session_account on portcullis.person_session (issuer, subject, created_at);
create index person_session_expires on portcullis.person_session (expires_at);

-- One row at most: of two processes that give a link at once, one does.
create table portcullis.setup_link (
  only_one boolean primary key default true check (only_one),
  token_hash bytea not null check (octet_length(token_hash) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
`;

export const PEOPLE = `
create function portcullis.open_person_session(asked jsonb) returns void language plpgsql as $$
declare
  account constant text := asked->>'issuer';
  person constant text := asked->>'subject';
begin
  -- Two logins of one account at once would each leave the other's oldest.
  perform pg_advisory_xact_lock(hashtextextended('person ' || account || '#' || person, 0));
  delete from portcullis.person_session gone using (
    select s.token_hash from portcullis.person_session s where s.issuer = account and s.subject = person
      order by s.created_at desc offset ${PERSON_SESSIONS_MAX - 1}
  ) old where gone.token_hash = old.token_hash;
  insert into portcullis.person_session (token_hash, organisation, issuer, subject, display_name, grants, expires_at, ends_at)
    values (decode(asked->>'tokenHash', 'hex'), asked->>'organisation', account, person, asked->>'displayName',
      array(select jsonb_array_elements_text(asked->'grants')),
      clock_timestamp() + least((asked->>'idleMs')::bigint, (asked->>'ttlMs')::bigint) * interval '1 millisecond',
      clock_timestamp() + (asked->>'ttlMs')::bigint * interval '1 millisecond');
end $$;

-- False where a link is in force: one that nobody used yet, or that somebody used whose session lasts still.
create function portcullis.open_setup_link(hash bytea, ttl_ms bigint, setup_issuer text) returns boolean language sql as $$
  with placed as (
    insert into portcullis.setup_link as link (token_hash, expires_at) values (hash, clock_timestamp() + ttl_ms * interval '1 millisecond')
    on conflict (only_one) do update set token_hash = excluded.token_hash, created_at = now(), expires_at = excluded.expires_at, used_at = null
      where (link.used_at is null and link.expires_at <= now()) or (link.used_at is not null and not exists (
        select from portcullis.person_session s where s.issuer = setup_issuer and s.expires_at > now()))
    returning 1)
  select exists (select from placed);
$$;

-- True for exactly one of those who come with it, on whatever replica.
create function portcullis.use_setup_link(hash bytea) returns boolean language sql as $$
  with taken as (
    update portcullis.setup_link set used_at = now() where token_hash = hash and used_at is null and expires_at > now() returning 1)
  select exists (select from taken);
$$;
`;
