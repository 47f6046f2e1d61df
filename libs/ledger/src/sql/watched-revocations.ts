const IS_WATCHED = `(exists (select from portcullis.certificate c where c.revocation_outpoint = x.outpoint and c.key_id is not null)
          or exists (select from portcullis.certification c where c.outpoint = x.outpoint and c.state = 'issued')
          or exists (select from portcullis.gateway_certificate c where c.outpoint = x.outpoint))`;
const IS_DUE = 'x.looked_at < clock - due and (x.claimed_at <= x.looked_at or x.claimed_at < clock - lease)';

/** `claim_revocations` as sql/gateway-certificates had it, but for what nobody has to be asked about. */
export const WATCHED_REVOCATIONS = `
-- Of what is revoked there is ever more, of which most is evident: it must not stand in front of all others.
drop index portcullis.revocation_looked;
create index revocation_open_looked on portcullis.revocation (looked_at) where state <> 'revoked';
create index revocation_revoked_looked on portcullis.revocation (looked_at) where state = 'revoked';

-- Spent here, or by a transaction that is proven to be mined: no word changes that.
create function portcullis.is_evident(given portcullis.revocation) returns boolean language sql stable as $$
  select given.state = 'revoked' and (exists (select from portcullis.spent_outpoint s where s.outpoint = given.outpoint)
    or exists (select from portcullis.find_spend_proof(given.outpoint) p where p.spender_txid = given.spender_txid))
$$;

create or replace function portcullis.claim_revocations(rate int, most int, due interval, lease interval) returns setof bytea language plpgsql as $$
declare
  clock constant timestamptz := clock_timestamp();
  used bigint;
  front bytea[];
begin
  perform pg_advisory_xact_lock(7364953);
  select count(*) into used from (select from portcullis.revocation r where r.claimed_at > clock - interval '1 minute' limit rate) recent;
  -- What is evident goes to the end of the queue, as what is nobody's does, and takes nothing of the rate. Looked at again all the same, since a reorg or a
  -- retraction can make a word of it.
  front := array(select x.outpoint from portcullis.revocation x where x.state = 'revoked' and x.looked_at < clock - due
    order by x.looked_at limit 1000 for update skip locked);
  update portcullis.revocation x set looked_at = clock where x.outpoint = any(front) and (portcullis.is_evident(x) or not ${IS_WATCHED});
  return query with open as (
    select x.outpoint, x.looked_at from portcullis.revocation x where x.state <> 'revoked' and ${IS_DUE} and ${IS_WATCHED}
      order by x.looked_at limit least(most, greatest(0, rate - used)) for update skip locked
  ), chosen as (
    select o.outpoint from (
      select o.outpoint, o.looked_at from open o
      union all select x.outpoint, x.looked_at from portcullis.revocation x where x.outpoint = any(front) and ${IS_DUE}
    ) o order by o.looked_at limit least(most, greatest(0, rate - used))
  ) update portcullis.revocation r set claimed_at = clock where r.outpoint in (select c.outpoint from chosen c) returning r.outpoint;
end $$;

alter function portcullis.is_evident(portcullis.revocation) set enable_seqscan = off;
alter function portcullis.claim_revocations(int, int, interval, interval) set enable_seqscan = off;
`;
