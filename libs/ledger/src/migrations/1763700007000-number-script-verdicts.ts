import type { MigrationInterface, QueryRunner } from 'typeorm';

const PLACES = `
-- Numbering rows takes a rewrite of the table; without rows it takes nothing, and what is forgotten is verified again.
truncate portcullis.script_verdict;
alter table portcullis.script_verdict add column if not exists place bigint generated always as identity;
create unique index if not exists script_verdict_place on portcullis.script_verdict (place);
drop index if exists portcullis.script_verdict_age;
`;

/** A place in the order of arrival: what is beyond the number to keep is found by it, and no row is counted. ops/decisions/0024. */
export class NumberScriptVerdicts1763700007000 implements MigrationInterface {
  readonly name = 'NumberScriptVerdicts1763700007000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PLACES);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
