import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TREASURY } from '../sql/treasury';

/** What was paid is a basket of the operator's: ops/decisions/0059. */
export class KeepTreasury1763700130000 implements MigrationInterface {
  readonly name = 'KeepTreasury1763700130000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TREASURY);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
