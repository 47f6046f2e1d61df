import type { MigrationInterface, QueryRunner } from 'typeorm';
import { HOT_QUESTIONS } from '../sql/hot-questions';

/** What is asked with most requests, so that its plans are kept and cannot go bad: ops/decisions/0039. */
export class CreateHotQuestions1763700016000 implements MigrationInterface {
  readonly name = 'CreateHotQuestions1763700016000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HOT_QUESTIONS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
