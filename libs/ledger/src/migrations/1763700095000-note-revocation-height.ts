import type { MigrationInterface, QueryRunner } from 'typeorm';
import { REVOCATION_HEIGHT } from '../sql/revocation-height';

/** GOOD as of a height: ops/decisions/0045. */
export class NoteRevocationHeight1763700095000 implements MigrationInterface {
  readonly name = 'NoteRevocationHeight1763700095000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(REVOCATION_HEIGHT);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
