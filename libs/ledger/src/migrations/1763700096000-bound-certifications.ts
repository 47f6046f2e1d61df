import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CERTIFICATION_BOUNDS, KEY_SUCCESSIONS } from '../sql/bounded-certifications';

/** How many certificates one identity may have, who signed each, and who speaks for it later: ops/decisions/0047. */
export class BoundCertifications1763700096000 implements MigrationInterface {
  readonly name = 'BoundCertifications1763700096000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [CERTIFICATION_BOUNDS, KEY_SUCCESSIONS]) await runner.query(statements);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
