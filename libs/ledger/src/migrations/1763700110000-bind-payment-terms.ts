import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PAYMENT_TERMS } from '../sql/payment-terms';

/** Terms for those without a session, and no second bill for what may have been paid: ops/decisions/0056. */
export class BindPaymentTerms1763700110000 implements MigrationInterface {
  readonly name = 'BindPaymentTerms1763700110000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PAYMENT_TERMS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
