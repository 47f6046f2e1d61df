import type { MigrationInterface, QueryRunner } from 'typeorm';
import { BOUNDED_COMMIT } from '../sql/bounded-commit';
import { BOUNDED_QUOTES } from '../sql/bounded-quotes';
import { BOUNDED_RETRACT } from '../sql/bounded-retract';
import { BOUNDED_SETTLE } from '../sql/bounded-settle';
import { GROUP_COMMIT, GROUP_PARTS } from '../sql/group-commit';

/** What the application calls by name. The settings hold for all that these call in turn, triggers and checks of foreign keys included. */
const ENTRANCES = [
  'commit_transition(jsonb)',
  'commit_transitions(jsonb)',
  'claim_payment(jsonb)',
  'list_dependants(bytea)',
  'list_retractions(bytea)',
  'retract(bytea, jsonb, jsonb, text)',
  'record_settlement(bytea, jsonb, jsonb)',
  'apply_proof(jsonb, jsonb, jsonb)',
  'rewind_blocks(bytea[], jsonb)',
  'reopen_proofs(jsonb)',
  'finalise(integer, jsonb)',
  'complete_outbox(bigint, integer, jsonb)',
  'find_or_create_quote(jsonb, bytea)',
];

/**
 * A table of one page is cheapest read whole, and PL/pgSQL keeps such a plan when the table has grown. Where no index serves (the one row of the audit
 * head) the whole table is read all the same, at a price so high that it would be compiled first: hence `jit`.
 */
const SETTINGS = ENTRANCES.map(
  (entrance) =>
    `alter function portcullis.${entrance} set enable_seqscan = off; alter function portcullis.${entrance} set jit = off;`,
).join('\n');

const INDEXES = `
create index outbox_parked on portcullis.outbox (id) where state = 'parked';
`;

/** Nothing costs more as the ledger grows than the descent of an index; and a group is committed in one pass: ops/decisions/0028. */
export class BoundEveryLookup1763700009000 implements MigrationInterface {
  readonly name = 'BoundEveryLookup1763700009000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [
      BOUNDED_COMMIT,
      BOUNDED_SETTLE,
      BOUNDED_RETRACT,
      BOUNDED_QUOTES,
      GROUP_PARTS,
      GROUP_COMMIT,
    ]) {
      await runner.query(statements);
    }
    await runner.query(SETTINGS);
    await runner.query(INDEXES);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
