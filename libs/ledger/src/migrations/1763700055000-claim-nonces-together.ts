import type { MigrationInterface, QueryRunner } from 'typeorm';
import { NONCE_CLAIMS } from '../sql/nonce-claims';

/** Requests that wait at the same time use their nonces up in one statement: ops/decisions/0051. */
export class ClaimNoncesTogether1763700055000 implements MigrationInterface {
  readonly name = 'ClaimNoncesTogether1763700055000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(NONCE_CLAIMS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
