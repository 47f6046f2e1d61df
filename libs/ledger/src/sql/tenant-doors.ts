/**
 * Questions of the way of a submission: one statement each, as before. A door takes the organisation, makes it the context and asks as portcullis_tenant, to
 * which it belongs (SECURITY DEFINER): what is behind it sees that organisation's rows, whatever its WHERE says. The context ends with the
 * transaction, which is the statement; to portcullis_app it means nothing.
 */
const DOORS = `
create or replace function portcullis.find_replay(tenant text, key text) returns table (id uuid, request_digest bytea, receipt jsonb)
language plpgsql stable rows 1 as $$
declare
  -- A declaration costs less than a PERFORM, which is a statement.
  context constant text := set_config('portcullis.organisation', tenant, true);
begin
  return query select t.id, t.request_digest, t.receipt from portcullis.transition t where t.organisation = tenant and t.request_key = key;
end $$;

create function portcullis.certificates_of(tenant text, who text, most bigint) returns setof portcullis.certificate language plpgsql stable rows 10 as $$
declare
  context constant text := set_config('portcullis.organisation', tenant, true);
begin
  return query select c.* from portcullis.certificate c where c.organisation = tenant and c.subject = who
    order by c.certifier, c.type, c.serial_number limit most;
end $$;

create function portcullis.trust_in_force(tenant text, moment timestamptz) returns setof portcullis.trust_rule language plpgsql stable rows 10 as $$
declare
  context constant text := set_config('portcullis.organisation', tenant, true);
  clock constant timestamptz := coalesce(moment, clock_timestamp());
begin
  return query select r.* from portcullis.trust_rule r where r.organisation = tenant and r.valid_from <= clock and r.valid_until > clock
    order by r.type, r.certifier;
end $$;
`;

const open = (door: string): string => `
alter function portcullis.${door} security definer set search_path = pg_catalog, pg_temp;
alter function portcullis.${door} set enable_seqscan = off;
alter function portcullis.${door} set jit = off;
alter function portcullis.${door} owner to portcullis_tenant;
-- Nobody within a context opens a door to another: what is asked there is asked of the tables.
revoke all on function portcullis.${door} from public, portcullis_tenant;
grant execute on function portcullis.${door} to portcullis_app;
`;

/**
 * And one door the other way: a seller who asks for an offer that was taken is told by which transaction, which is another organisation's. It is given the
 * row, and says a txid.
 */
export const TENANT_DOORS = `${DOORS}
grant create on schema portcullis to portcullis_tenant, portcullis_app;
${['find_replay(text, text)', 'certificates_of(text, text, bigint)', 'trust_in_force(text, timestamptz)'].map(open).join('')}
alter function portcullis.refuse_taken(portcullis.offer) security definer set search_path = pg_catalog, pg_temp;
alter function portcullis.refuse_taken(portcullis.offer) owner to portcullis_app;
revoke create on schema portcullis from portcullis_tenant, portcullis_app;
`;
