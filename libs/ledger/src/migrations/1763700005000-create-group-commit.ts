import type { MigrationInterface, QueryRunner } from 'typeorm';
import { COMMIT_GROUP_FUNCTIONS } from '../sql/commit-group';

/** Many COMMITs in one statement: ops/decisions/0025. */
export class CreateGroupCommit1763700005000 implements MigrationInterface {
  readonly name = 'CreateGroupCommit1763700005000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COMMIT_GROUP_FUNCTIONS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
