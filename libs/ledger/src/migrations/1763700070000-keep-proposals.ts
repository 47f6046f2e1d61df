import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PROPOSAL_GRANTS, PROPOSAL_TABLES } from '../sql/proposal-tables';
import { PROPOSALS, PROPOSED_COMMIT } from '../sql/proposals';
import { wallTable } from '../sql/tenant-tables';

/** What several organisations decide together: ops/decisions/0049. */
export class KeepProposals1763700070000 implements MigrationInterface {
  readonly name = 'KeepProposals1763700070000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [PROPOSAL_TABLES, PROPOSALS, PROPOSED_COMMIT, PROPOSAL_GRANTS])
      await runner.query(statements);
    for (const table of ['proposal', 'proposal_party', 'proposal_approval', 'proposal_count'])
      await runner.query(wallTable(table));
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
