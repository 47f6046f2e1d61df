/** `claim_revocations` as sql/gateway-certificates had it, but for what nobody has to be asked about. */
export const WATCHED_REVOCATIONS = `
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
begin
  perform pg_advisory_xact_lock(7364953);
  -- To the end of the queue, and in nobody's way: they take nothing of the rate. Looked at again all the same, since a reorg or a retraction can make a word of it.
  update portcullis.revocation r set looked_at = clock where r.outpoint in (
    select x.outpoint from portcullis.revocation x where x.state = 'revoked' and x.looked_at < clock - due and portcullis.is_evident(x)
      order by x.looked_at limit 1000 for update skip locked);
  select count(*) into used from (select from portcullis.revocation r where r.claimed_at > clock - interval '1 minute' limit rate) recent;
  return query update portcullis.revocation r set claimed_at = clock where r.outpoint in (
    select x.outpoint from portcullis.revocation x
      where x.looked_at < clock - due and (x.claimed_at <= x.looked_at or x.claimed_at < clock - lease) and (x.state <> 'revoked' or not portcullis.is_evident(x))
        and (exists (select from portcullis.certificate c where c.revocation_outpoint = x.outpoint and c.key_id is not null)
          or exists (select from portcullis.certification c where c.outpoint = x.outpoint and c.state = 'issued')
          or exists (select from portcullis.gateway_certificate c where c.outpoint = x.outpoint))
      order by x.looked_at limit least(most, greatest(0, rate - used)) for update skip locked) returning r.outpoint;
end $$;

alter function portcullis.is_evident(portcullis.revocation) set enable_seqscan = off;
alter function portcullis.claim_revocations(int, int, interval, interval) set enable_seqscan = off;
`;
