import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCOUNT_COMMIT, ACCOUNT_SETTINGS } from '../sql/account-commit';
import { ACCOUNT_PAYMENTS } from '../sql/account-payments';
import { ACCOUNT_GRANTS, ACCOUNT_TABLES } from '../sql/account-tables';
import { ACCOUNTS } from '../sql/accounts';
import { wallTable } from '../sql/tenant-tables';

/** What is paid ahead, drawn, given back and owed: ops/decisions/0055. */
export class KeepAccounts1763700120000 implements MigrationInterface {
  readonly name = 'KeepAccounts1763700120000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [
      ACCOUNT_TABLES,
      ACCOUNTS,
      ACCOUNT_PAYMENTS,
      ACCOUNT_COMMIT,
      ACCOUNT_SETTINGS,
      ACCOUNT_GRANTS,
    ])
      await runner.query(statements);
    for (const table of ['account', 'account_entry', 'account_use', 'unserved', 'plan'])
      await runner.query(wallTable(table));
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
