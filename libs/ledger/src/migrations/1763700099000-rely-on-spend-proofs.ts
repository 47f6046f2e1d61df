import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PROVEN_REVOCATIONS } from '../sql/proven-revocations';

/** What the header chain proves holds in a COMMIT: ops/decisions/0058. */
export class RelyOnSpendProofs1763700099000 implements MigrationInterface {
  readonly name = 'RelyOnSpendProofs1763700099000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PROVEN_REVOCATIONS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
