/**
 * What each process lets pass, as it says once a second, so that a budget is one for all of them. Nothing that has to outlive a crash: unlogged. Keys are
 * digests, so no address rests here.
 */
export const RATE_USE = `
create unlogged table portcullis.rate_use (
  process uuid not null,
  scope text not null,
  key bytea not null,
  per_second real not null,
  told_at timestamptz not null default clock_timestamp(),
  primary key (process, scope, key)
);

create function portcullis.share_rates(me uuid, scopes text[], keys bytea[], rates real[])
returns table (scope text, key bytea, per_second real, processes int) language plpgsql as $$
begin
  delete from portcullis.rate_use u where u.process = me;
  -- Of processes that are gone. Another one may be clearing them up at this moment.
  delete from portcullis.rate_use u using (
    select o.process, o.scope, o.key from portcullis.rate_use o where o.told_at < clock_timestamp() - interval '1 minute' limit 1000 for update skip locked
  ) old where u.process = old.process and u.scope = old.scope and u.key = old.key;
  insert into portcullis.rate_use (process, scope, key, per_second)
    select me, t.scope, t.key, t.rate from unnest(scopes, keys, rates) t (scope, key, rate);
  return query
    select u.scope, u.key, sum(u.per_second)::real, count(*)::int from portcullis.rate_use u
      where u.process <> me and u.told_at > clock_timestamp() - interval '3 seconds'
      group by u.scope, u.key order by sum(u.per_second) desc limit 10000;
end $$;
`;

export const RATE_USE_GRANTS = `
grant select, insert, update, delete on portcullis.rate_use to portcullis_app;
`;
