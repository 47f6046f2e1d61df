import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEAN_COMMIT } from '../sql/lean-commit';
import { IDLE_INDEXES, LEAN_PARTS } from '../sql/lean-parts';
import { LEAN_TOPICS } from '../sql/lean-topics';

/** What the application calls by name. Replacing a function forgets its settings: see BoundEveryLookup. */
const SETTINGS = ['commit_transition(jsonb)']
  .map(
    (entrance) =>
      `alter function portcullis.${entrance} set enable_seqscan = off; alter function portcullis.${entrance} set jit = off;`,
  )
  .join('\n');

/** THE COMMIT in fewer statements: ops/decisions/0038. */
export class LeanCommit1763700013000 implements MigrationInterface {
  readonly name = 'LeanCommit1763700013000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [LEAN_PARTS, LEAN_TOPICS, LEAN_COMMIT, SETTINGS, IDLE_INDEXES])
      await runner.query(statements);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
