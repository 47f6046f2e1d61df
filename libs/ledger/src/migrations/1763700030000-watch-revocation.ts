import type { MigrationInterface, QueryRunner } from 'typeorm';
import { RELYING_COMMIT } from '../sql/relying-commit';
import { REVOCATION, REVOCATION_GRANTS, REVOCATION_TABLES } from '../sql/revocation';

/** Replacing a function forgets its settings: see BoundEveryLookup. */
const SETTINGS = `alter function portcullis.commit_transition(jsonb) set enable_seqscan = off;
alter function portcullis.commit_transition(jsonb) set jit = off;`;

/** What is known of revocation, and the COMMIT that relies on it: ops/decisions/0045. */
export class WatchRevocation1763700030000 implements MigrationInterface {
  readonly name = 'WatchRevocation1763700030000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [REVOCATION_TABLES, REVOCATION, RELYING_COMMIT, SETTINGS, REVOCATION_GRANTS])
      await runner.query(statements);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
