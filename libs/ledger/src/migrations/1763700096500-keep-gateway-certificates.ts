import type { MigrationInterface, QueryRunner } from 'typeorm';
import { GATEWAY_CERTIFICATES } from '../sql/gateway-certificates';

/** What certifies the gateway itself, watched for its revocation: ops/decisions/0053. */
export class KeepGatewayCertificates1763700096500 implements MigrationInterface {
  readonly name = 'KeepGatewayCertificates1763700096500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(GATEWAY_CERTIFICATES);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
