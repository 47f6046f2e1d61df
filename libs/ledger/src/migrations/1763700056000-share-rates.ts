import type { MigrationInterface, QueryRunner } from 'typeorm';
import { RATE_USE, RATE_USE_GRANTS } from '../sql/rate-use';

/** One budget for all processes: ops/decisions/0052. */
export class ShareRates1763700056000 implements MigrationInterface {
  readonly name = 'ShareRates1763700056000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [RATE_USE, RATE_USE_GRANTS]) await runner.query(statements);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
