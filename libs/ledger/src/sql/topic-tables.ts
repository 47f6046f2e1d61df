/**
 * What a topic is now and how it came to be so. Events are facts, one for each topic and COMMIT, retraction or eviction, at the index of the audit leaf of
 * that act: whoever appended the leaf held the head of the audit until its end, so positions are in the order of COMMITs, and who sees one sees all before.
 */
export const TOPIC_TABLES = `
alter table portcullis.transition add column labels text[] not null default '{}', add column off_chain_values bytea;
alter table portcullis.topic_output add column evicted_leaf bigint, add column evicted_reason text,
  add constraint topic_output_eviction_whole check ((evicted_leaf is null) = (evicted_reason is null));
-- What is asked of a topic page by page is one state in the order of its bytes; what else the topic ever held is not read. Topic and state are one
-- expression, so that no other index seems to serve as well.
create index topic_output_state on portcullis.topic_output
  ((topic || case when spent_by is null then ' unspent' when retained then ' retained' else ' spent' end), txid, vout) where not retracted;

create table portcullis.topic_event (
  topic text not null,
  position bigint not null,
  kind text not null check (kind in ('applied', 'retracted', 'evicted')),
  transition_id uuid not null references portcullis.transition,
  txid bytea not null,
  admitted integer[] not null,
  spent jsonb not null,
  at timestamptz not null,
  primary key (topic, position)
);
create unique index topic_event_position on portcullis.topic_event (position, topic);

create table portcullis.topic_state (
  topic text primary key,
  admitted bigint not null check (admitted >= 0),
  unspent bigint not null check (unspent >= 0),
  retained bigint not null check (retained >= 0),
  satoshis bigint not null check (satoshis >= 0),
  transitions bigint not null check (transitions >= 0),
  digest numeric not null check (digest >= 0 and scale(digest) = 0)
) with (fillfactor = 20);

create table portcullis.audited_act (
  leaf_index bigint primary key,
  kind text not null check (kind in ('evicted', 'relinquished', 'offered', 'withdrawn')),
  organisation text not null check (organisation <> ''),
  ref text not null,
  at timestamptz not null
);

create table portcullis.event_feed (
  name text primary key check (name <> ''),
  kind text not null check (kind in ('lookup', 'webhook')),
  organisation text not null check (organisation <> ''),
  topic text,
  settings jsonb not null default '{}',
  position bigint not null default -1 check (position >= -1),
  step integer not null default 0 check (step >= 0),
  under_way boolean not null default false,
  lease_number integer not null default 0,
  lease_until timestamptz,
  failures integer not null default 0,
  retry_at timestamptz,
  last_error text,
  state text not null default 'running' check (state in ('running', 'rebuilding', 'paused')),
  created_at timestamptz not null default now()
);

grant select, insert, update, delete on portcullis.event_feed to portcullis_app;
grant select, insert, update on portcullis.topic_state to portcullis_app;
grant select, insert on portcullis.topic_event, portcullis.audited_act to portcullis_app;
revoke delete on portcullis.topic_state from portcullis_app;
revoke update, delete on portcullis.topic_event, portcullis.audited_act from portcullis_app;
`;

export const TOPIC_RECORDS = `
-- What one act changes in one topic. item is its place in the lists of the acts that are told together.
create type portcullis.topic_change as (topic text, item integer, vouts integer[], spent jsonb,
  admitted bigint, unspent bigint, retained bigint, satoshis bigint, transitions bigint, digest numeric);

-- The sum of these over what a topic holds is its digest, whatever the order: ops/decisions/0030. tag: 0 unspent, 1 spent and retained.
-- Nested replaces are a third of the price of one translate.
create function portcullis.digest_element(place text, tag integer, outpoint bytea, satoshis bigint, script bytea) returns numeric
language plpgsql immutable parallel safe as $$
declare
  named constant bytea := convert_to(place, 'UTF8');
  worth constant bytea := int8send(satoshis);
  element constant bytea := int4send(octet_length(named)) || named || set_byte('\\x00'::bytea, 0, tag) || outpoint
    || substring(worth from 8 for 1) || substring(worth from 7 for 1) || substring(worth from 6 for 1) || substring(worth from 5 for 1)
    || substring(worth from 4 for 1) || substring(worth from 3 for 1) || substring(worth from 2 for 1) || substring(worth from 1 for 1)
    || sha256(script);
begin
  return replace(replace(replace(replace(replace(replace(encode(
      sha512('\\x00'::bytea || element) || sha512('\\x01'::bytea || element) || sha512('\\x02'::bytea || element)
      || sha512('\\x03'::bytea || element) || sha512('\\x04'::bytea || element), 'hex'),
    'a', '0'), 'b', '1'), 'c', '2'), 'd', '3'), 'e', '4'), 'f', '5')::numeric;
end $$;

-- Called by whoever holds the head of the audit, so that the rows of two topics are never waited for in a circle.
create function portcullis.tell_topics(changes portcullis.topic_change[], kind text, leaves bigint[], made uuid[], subjects bytea[])
returns void language plpgsql as $$
declare
  modulus constant numeric := ('1' || repeat('0', 640))::numeric;
  change record;
begin
  insert into portcullis.topic_event (topic, position, kind, transition_id, txid, admitted, spent, at)
    select c.topic, leaves[c.item], tell_topics.kind, made[c.item], subjects[c.item], c.vouts, c.spent, leaf.at from unnest(changes) c
    cross join lateral (select l.at from portcullis.audit_leaf l where l.index = leaves[c.item] offset 0) leaf;
  for change in
    select c.topic, sum(c.admitted)::bigint as admitted, sum(c.unspent)::bigint as unspent, sum(c.retained)::bigint as retained,
      sum(c.satoshis)::bigint as satoshis, sum(c.transitions)::bigint as transitions, sum(c.digest) as digest
    from unnest(changes) c group by c.topic order by c.topic
  loop
    update portcullis.topic_state s set admitted = s.admitted + change.admitted, unspent = s.unspent + change.unspent,
        retained = s.retained + change.retained, satoshis = s.satoshis + change.satoshis, transitions = s.transitions + change.transitions,
        digest = mod(mod(s.digest + change.digest, modulus) + modulus, modulus)
      where s.topic = change.topic;
    continue when found;
    insert into portcullis.topic_state (topic, admitted, unspent, retained, satoshis, transitions, digest)
      values (change.topic, change.admitted, change.unspent, change.retained, change.satoshis, change.transitions, mod(change.digest, modulus));
  end loop;
  perform pg_notify('portcullis_events', '');
end $$;

-- Every leaf of the audit that is no transition, payment or retraction.
create function portcullis.record_act(kind text, tenant text, ref text, leaf bytea) returns bigint language plpgsql as $$
declare place bigint;
begin
  place := portcullis.append_audit_leaf(tenant, leaf);
  insert into portcullis.audited_act (leaf_index, kind, organisation, ref, at)
    select place, record_act.kind, tenant, record_act.ref, l.at from portcullis.audit_leaf l where l.index = place;
  return place;
end $$;
`;
