import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TRUST_APPROVALS } from '../sql/trust-approvals';

/** Two people are two people: ops/decisions/0046. */
export class CountTrustApprovals1763700090000 implements MigrationInterface {
  readonly name = 'CountTrustApprovals1763700090000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TRUST_APPROVALS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
