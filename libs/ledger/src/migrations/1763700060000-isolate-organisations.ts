import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TENANT_DOORS } from '../sql/tenant-doors';
import { TENANT_ROLE } from '../sql/tenant-role';
import { TENANT_GRANTS, TENANT_POLICIES } from '../sql/tenant-tables';

/** Rows of one organisation are out of sight of another's requests, by the database itself: ops/decisions/0048. */
export class IsolateOrganisations1763700060000 implements MigrationInterface {
  readonly name = 'IsolateOrganisations1763700060000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [TENANT_ROLE, TENANT_POLICIES, TENANT_GRANTS, TENANT_DOORS])
      await runner.query(statements);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
