import type { Invariant } from './invariant';

/** Tables with an organisation, and those whose rows belong to a row of one and are no shared state of a topic. */
const TENANT_TABLES = `select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity from pg_class c
  where c.relnamespace = 'portcullis'::regnamespace and c.relkind in ('r', 'p') and (c.relname in ('reliance', 'settlement_event', 'trust_approval')
    or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organisation' and not a.attisdropped))`;

/** Read from the catalog: a table that a later migration adds, or a role that an administrator changes, is found as a broken row would be. */
const WALLS = `
select 'row-level security is not enabled and forced: ' || t.relname as violation from (${TENANT_TABLES}) t
  where not (t.relrowsecurity and t.relforcerowsecurity)
union all
select 'portcullis_tenant is not held to the organisation of its context: ' || t.relname from (${TENANT_TABLES}) t
  where not exists (select from pg_policy p where p.polrelid = t.oid and p.polpermissive and p.polcmd = '*' and p.polroles = array['portcullis_tenant'::regrole::oid]
    and pg_get_expr(p.polqual, t.oid) ~ 'current_setting\\(''portcullis.organisation''' and pg_get_expr(p.polwithcheck, t.oid) = pg_get_expr(p.polqual, t.oid))
union all
select 'a policy shows more than is known of: ' || t.relname || ' ' || p.polname from (${TENANT_TABLES}) t join pg_policy p on p.polrelid = t.oid
  where p.polpermissive and not (p.polname in ('own', 'everything') and cardinality(p.polroles) = 1
    and p.polroles[1] = (case p.polname when 'own' then 'portcullis_tenant' else 'portcullis_app' end)::regrole::oid)
union all
select 'a role passes by row-level security: ' || r.rolname from pg_roles r
  where r.rolname in ('portcullis_tenant', 'portcullis_app') and (r.rolsuper or r.rolbypassrls)
union all
select 'portcullis_tenant may become ' || r.rolname from pg_roles r where r.rolname <> 'portcullis_tenant' and pg_has_role('portcullis_tenant', r.oid, 'member')`;

export const TENANT_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'I25',
    sentence:
      'What belongs to an organisation is walled by row-level security, and whoever asks for one cannot pass by it.',
    sql: WALLS,
  },
];
