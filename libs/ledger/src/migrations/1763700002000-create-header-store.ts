import type { MigrationInterface, QueryRunner } from 'typeorm';

const HEADER_STORE = `
create table if not exists portcullis.block_header (
  hash bytea primary key check (octet_length(hash) = 32),
  previous_hash bytea not null check (octet_length(previous_hash) = 32),
  height int not null check (height >= 0),
  header bytea not null check (octet_length(header) = 80),
  -- Of this header and all before it, back to the root of the store.
  work numeric not null check (work > 0),
  is_best boolean not null default false,
  received_at timestamptz not null default clock_timestamp(),
  check (substring(header from 5 for 32) = previous_hash)
);
create unique index if not exists block_header_best on portcullis.block_header (height) where is_best;
create index if not exists block_header_previous on portcullis.block_header (previous_hash);
grant select, insert on portcullis.block_header to portcullis_app;
-- A header whose work was checked stays what it was: only its place on the best chain may change.
revoke delete, update on portcullis.block_header from portcullis_app;
grant update (is_best) on portcullis.block_header to portcullis_app;
`;

/** The headers that proofs are judged by: ops/decisions/0006. */
export class CreateHeaderStore1763700002000 implements MigrationInterface {
  readonly name = 'CreateHeaderStore1763700002000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HEADER_STORE);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
