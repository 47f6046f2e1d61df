import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TOPIC_BACKFILL } from '../sql/topic-backfill';
import { TOPIC_COMMIT } from '../sql/topic-commit';
import { TOPIC_GROUP } from '../sql/topic-group';
import { TOPIC_HISTORY, TOPIC_OUTPUTS } from '../sql/topic-history';
import { TOPIC_RETRACT } from '../sql/topic-retract';
import { TOPIC_RECORDS, TOPIC_TABLES } from '../sql/topic-tables';

/** What the application calls by name. Replacing a function forgets its settings: see BoundEveryLookup. */
const ENTRANCES = [
  'commit_transition(jsonb)',
  'retract(bytea, jsonb, jsonb, text)',
  'evict_output(jsonb)',
  'record_act(text, text, text, bytea)',
  'list_released(text, bytea[], bigint, integer, integer)',
  'list_topic_outputs(jsonb)',
];
const SETTINGS = ENTRANCES.map(
  (entrance) =>
    `alter function portcullis.${entrance} set enable_seqscan = off; alter function portcullis.${entrance} set jit = off;`,
).join('\n');

/** Topics that say what they are and tell what happened in them: ops/decisions/0030. */
export class CreateTopicState1763700011000 implements MigrationInterface {
  readonly name = 'CreateTopicState1763700011000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [
      TOPIC_TABLES,
      TOPIC_RECORDS,
      TOPIC_COMMIT,
      TOPIC_GROUP,
      TOPIC_RETRACT,
      TOPIC_HISTORY,
      TOPIC_OUTPUTS,
      TOPIC_BACKFILL,
      SETTINGS,
    ]) {
      await runner.query(statements);
    }
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
