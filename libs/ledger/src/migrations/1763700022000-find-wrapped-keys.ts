import type { MigrationInterface, QueryRunner } from 'typeorm';

/** After a change of the gateway's key the keys that the old one wrapped are looked for a page at a time, and wrapped again: ops/decisions/0043. */
const WRAPPED_KEYS = `
create index subject_key_wrapped_by on portcullis.subject_key (wrapped_by, organisation, subject);
-- The application may not write what is wrapped: it has this one way, for one row whose wrapping it read.
create function portcullis.rewrap_subject_key(asked jsonb, old_wrapped bytea, new_wrapped bytea) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp as $$
  with done as (
    update portcullis.subject_key k set wrapped = new_wrapped, wrapped_by = asked->>'newWrappedBy'
    where k.organisation = asked->>'organisation' and k.subject = asked->>'subject' and k.id = (asked->>'id')::uuid
      and k.wrapped_by = asked->>'wrappedBy' and k.wrapped = old_wrapped returning 1
  ) select exists (select from done)
$$;
revoke all on function portcullis.rewrap_subject_key(jsonb, bytea, bytea) from public;
grant execute on function portcullis.rewrap_subject_key(jsonb, bytea, bytea) to portcullis_app;
`;

export class FindWrappedKeys1763700022000 implements MigrationInterface {
  readonly name = 'FindWrappedKeys1763700022000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(WRAPPED_KEYS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
