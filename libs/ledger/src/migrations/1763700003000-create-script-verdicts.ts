import type { MigrationInterface, QueryRunner } from 'typeorm';

const SCRIPT_VERDICTS = `
create table if not exists portcullis.script_verdict (
  rules smallint not null check (rules > 0),
  txid bytea not null check (octet_length(txid) = 32),
  verified_at timestamptz not null default clock_timestamp(),
  primary key (rules, txid)
);
create index if not exists script_verdict_age on portcullis.script_verdict (verified_at);
grant select, insert, delete on portcullis.script_verdict to portcullis_app;
-- What was found of one transaction is never made to be of another. Pruning locks its rows, and a lock needs the right to change something: the age.
revoke update on portcullis.script_verdict from portcullis_app;
grant update (verified_at) on portcullis.script_verdict to portcullis_app;
`;

/** Transactions whose scripts hold, remembered over restarts and by all replicas: ops/decisions/0024. */
export class CreateScriptVerdicts1763700003000 implements MigrationInterface {
  readonly name = 'CreateScriptVerdicts1763700003000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCRIPT_VERDICTS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
