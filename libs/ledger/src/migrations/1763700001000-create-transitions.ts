import type { MigrationInterface, QueryRunner } from 'typeorm';
import { COMMIT_FUNCTIONS } from '../sql/commit';
import { COMMIT_PARTS } from '../sql/commit-parts';
import { RETRACT_FUNCTIONS } from '../sql/retract';
import { SETTLE_FUNCTIONS } from '../sql/settle';

/** THE COMMIT and what may follow it, as functions: ops/decisions/0003. */
export class CreateTransitions1763700001000 implements MigrationInterface {
  readonly name = 'CreateTransitions1763700001000';

  async up(runner: QueryRunner): Promise<void> {
    for (const functions of [COMMIT_PARTS, COMMIT_FUNCTIONS, SETTLE_FUNCTIONS, RETRACT_FUNCTIONS]) {
      await runner.query(functions);
    }
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
