/** Certificates about the gateway itself: their revocation outpoints are watched like those of callers, so that nobody is shown one that no longer holds. */
export const GATEWAY_CERTIFICATES = `
-- The gateway's own, of no organisation. Never forgotten: another replica may still show it.
create table portcullis.gateway_certificate (
  certificate_hash bytea primary key check (octet_length(certificate_hash) = 32),
  subject text not null,
  certifier text not null,
  outpoint bytea not null check (octet_length(outpoint) = 36),
  kept_at timestamptz not null default clock_timestamp()
);
create index gateway_certificate_outpoint on portcullis.gateway_certificate (outpoint);
revoke update, delete on portcullis.gateway_certificate from portcullis_app;

-- As before, and also what certifies the gateway.
create or replace function portcullis.claim_revocations(rate int, most int, due interval, lease interval) returns setof bytea language plpgsql as $$
declare
  clock constant timestamptz := clock_timestamp();
  used bigint;
begin
  perform pg_advisory_xact_lock(7364953);
  select count(*) into used from (select from portcullis.revocation r where r.claimed_at > clock - interval '1 minute' limit rate) recent;
  return query update portcullis.revocation r set claimed_at = clock where r.outpoint in (
    select x.outpoint from portcullis.revocation x
      where x.looked_at < clock - due and (x.claimed_at <= x.looked_at or x.claimed_at < clock - lease)
        and (exists (select from portcullis.certificate c where c.revocation_outpoint = x.outpoint and c.key_id is not null)
          or exists (select from portcullis.certification c where c.outpoint = x.outpoint and c.state = 'issued')
          or exists (select from portcullis.gateway_certificate c where c.outpoint = x.outpoint))
      order by x.looked_at limit least(most, greatest(0, rate - used)) for update skip locked) returning r.outpoint;
end $$;
alter function portcullis.claim_revocations(int, int, interval, interval) set enable_seqscan = off;
`;
