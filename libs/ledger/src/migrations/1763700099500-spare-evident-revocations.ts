import type { MigrationInterface, QueryRunner } from 'typeorm';
import { WATCHED_REVOCATIONS } from '../sql/watched-revocations';

/** Nobody is asked about what is evident: ops/decisions/0058. */
export class SpareEvidentRevocations1763700099500 implements MigrationInterface {
  readonly name = 'SpareEvidentRevocations1763700099500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(WATCHED_REVOCATIONS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
