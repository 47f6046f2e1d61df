/** As APP_ROLE: cluster-wide, so it may be there already, and whoever migrates may not be allowed to make it. Every login of the application may become it. */
export const TENANT_ROLE = `
do $$
declare
  advice constant text :=
    'As a superuser run: CREATE ROLE portcullis_tenant NOLOGIN; GRANT portcullis_tenant TO portcullis_app; and start again.';
begin
  if not exists (select from pg_roles where rolname = 'portcullis_tenant') then
    begin
      create role portcullis_tenant nologin;
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise exception 'The database role portcullis_tenant is missing and % may not create it. %', current_user, advice
          using errcode = 'insufficient_privilege';
    end;
  end if;
  if exists (select from pg_roles r where r.rolname = 'portcullis_tenant' and (r.rolsuper or r.rolbypassrls)) then
    raise exception 'The database role portcullis_tenant may pass by row-level security. As a superuser run: ALTER ROLE portcullis_tenant NOSUPERUSER NOBYPASSRLS; and start again.'
      using errcode = 'insufficient_privilege';
  end if;
  -- Databases of one cluster that are migrated at the same moment.
  perform pg_advisory_xact_lock(7364955);
  if not pg_has_role('portcullis_app', 'portcullis_tenant', 'member') then
    begin
      grant portcullis_tenant to portcullis_app;
    exception
      when insufficient_privilege then
        raise exception 'portcullis_app is not a member of the database role portcullis_tenant. %', advice using errcode = 'insufficient_privilege';
      when others then
        -- Another database of the cluster was first.
        if not pg_has_role('portcullis_app', 'portcullis_tenant', 'member') then raise; end if;
    end;
  end if;
end $$;
`;
