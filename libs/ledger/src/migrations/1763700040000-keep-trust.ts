import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TRUST } from '../sql/trust';
import { TRUST_GRANTS, TRUST_TABLES } from '../sql/trust-tables';

/** Whom each organisation trusts to certify what: ops/decisions/0046. */
export class KeepTrust1763700040000 implements MigrationInterface {
  readonly name = 'KeepTrust1763700040000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [TRUST_TABLES, TRUST, TRUST_GRANTS]) await runner.query(statements);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
