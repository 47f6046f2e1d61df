import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CERTIFICATION_BOUNDS } from '../sql/bounded-certifications';

/** How many certificates one identity may have, and who signed each: ops/decisions/0047. */
export class BoundCertifications1763700096000 implements MigrationInterface {
  readonly name = 'BoundCertifications1763700096000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CERTIFICATION_BOUNDS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
