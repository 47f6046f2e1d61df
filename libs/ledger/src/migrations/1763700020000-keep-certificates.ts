import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CERTIFICATES, CERTIFICATE_GRANTS, CERTIFICATE_TABLES } from '../sql/certificates';

/** Certificates that were presented, and what they disclosed, encrypted per subject: ops/decisions/0041. */
export class KeepCertificates1763700020000 implements MigrationInterface {
  readonly name = 'KeepCertificates1763700020000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [CERTIFICATE_TABLES, CERTIFICATES, CERTIFICATE_GRANTS]) await runner.query(statements);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
