/** A cluster-wide role may exist already (another database, or an operator made it); the migrating role may not be allowed to make one. */
export const APP_ROLE = `
do $$
declare
  advice constant text := format(
    'As a superuser run: CREATE ROLE portcullis_app NOLOGIN; GRANT portcullis_app TO %I; and start again.', current_user);
begin
  if not exists (select from pg_roles where rolname = 'portcullis_app') then
    begin
      create role portcullis_app nologin;
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise exception 'The database role portcullis_app is missing and % may not create it. %', current_user, advice
          using errcode = 'insufficient_privilege';
    end;
  end if;
  if not pg_has_role(current_user, 'portcullis_app', 'usage') then
    begin
      execute format('grant portcullis_app to %I', current_user);
    exception when insufficient_privilege then
      raise exception '% is not a member of the database role portcullis_app. %', current_user, advice
        using errcode = 'insufficient_privilege';
    end;
  end if;
end $$;
`;

/** The application reads and writes its tables and no more: it owns nothing, and to the audit it can only add. */
export const APP_GRANTS = `
grant usage on schema portcullis to portcullis_app;
grant select, insert, update, delete on all tables in schema portcullis to portcullis_app;
grant usage on all sequences in schema portcullis to portcullis_app;
alter default privileges in schema portcullis grant select, insert, update, delete on tables to portcullis_app;
alter default privileges in schema portcullis grant usage on sequences to portcullis_app;
revoke all on portcullis.audit_leaf, portcullis.audit_head from portcullis_app;
grant select, insert (organisation, leaf) on portcullis.audit_leaf to portcullis_app;
grant select on portcullis.audit_head to portcullis_app;
revoke update, delete on portcullis.settlement_event from portcullis_app;
revoke delete on portcullis.transition, portcullis.payment_claim, portcullis.transaction,
  portcullis.topic_output, portcullis.topic_output_key, portcullis.basket_output from portcullis_app;
do $$ begin
  -- Migrations are the owner's; a table of migrations that the application could edit would be a way in.
  if to_regclass('portcullis.migration') is not null then
    revoke insert, update, delete on portcullis.migration from portcullis_app;
  end if;
end $$;
`;
