import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SPEND_PROOF_TABLES, SPEND_PROOFS } from '../sql/spend-proofs';

/** What the header chain proves of a revocation: ops/decisions/0058. */
export class KeepSpendProofs1763700098000 implements MigrationInterface {
  readonly name = 'KeepSpendProofs1763700098000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [SPEND_PROOF_TABLES, SPEND_PROOFS]) await runner.query(statements);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
