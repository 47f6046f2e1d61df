import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CERTIFICATIONS, CERTIFICATION_GRANTS, CERTIFICATION_TABLES } from '../sql/certifications';

/** What this gateway certifies for its operator's organisation: ops/decisions/0047. */
export class KeepCertifications1763700050000 implements MigrationInterface {
  readonly name = 'KeepCertifications1763700050000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [CERTIFICATION_TABLES, CERTIFICATIONS, CERTIFICATION_GRANTS])
      await runner.query(statements);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
