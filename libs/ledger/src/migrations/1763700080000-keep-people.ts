import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PEOPLE, PEOPLE_TABLES } from '../sql/people';
import { wallTable } from '../sql/tenant-tables';

/** Sessions of people, and the link by which the first of them comes in: ops/decisions/0050. */
export class KeepPeople1763700080000 implements MigrationInterface {
  readonly name = 'KeepPeople1763700080000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [PEOPLE_TABLES, PEOPLE, wallTable('person_session')]) await runner.query(statements);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
