import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APP_GRANTS, APP_ROLE } from '../sql/roles';
import { AFTER_TABLES } from '../sql/tables-after';
import { QUOTE_FUNCTION, REQUEST_TABLES } from '../sql/tables-requests';
import { STATE_TABLES } from '../sql/tables-state';

/** The tables, the role of the application, and what that role may do. */
export class CreateLedger1763700000000 implements MigrationInterface {
  readonly name = 'CreateLedger1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create schema if not exists portcullis');
    await runner.query(APP_ROLE);
    for (const statements of [STATE_TABLES, REQUEST_TABLES, AFTER_TABLES]) await runner.query(statements);
    await runner.query(QUOTE_FUNCTION);
    await runner.query(APP_GRANTS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
