import type { MigrationInterface, QueryRunner } from 'typeorm';
import { BASKET_COMMIT } from '../sql/basket-commit';
import { BASKET_GRANTS, BASKET_TABLES } from '../sql/basket-tables';
import { OFFERS } from '../sql/offers';
import { CHECK_RESERVED, RESERVE_OUTPUTS } from '../sql/reserve-outputs';
import { CLAIM_RESERVED } from '../sql/claim-reserved';

/** What the application calls by name: see ops/decisions/0028. */
const ENTRANCES = [
  'claim_payment(jsonb)',
  'reserve_outputs(jsonb)',
  'renew_reservation(text, uuid, bigint)',
  'release_reservation(text, uuid)',
  'relinquish_output(jsonb)',
  'post_offer(jsonb)',
  'withdraw_offer(jsonb)',
];

const SETTINGS = ENTRANCES.map(
  (entrance) =>
    `alter function portcullis.${entrance} set enable_seqscan = off; alter function portcullis.${entrance} set jit = off;`,
).join('\n');

/** What is free is read in the order of an index and no further than it is needed: a sort or a bitmap would read the whole basket first. */
const STREAM_FREE = `
alter function portcullis.reserve_outputs(jsonb) set enable_sort = off;
alter function portcullis.reserve_outputs(jsonb) set enable_bitmapscan = off;
`;

/** Baskets of each organisation for itself, tags, reservations, inventory and offers: ops/decisions/0035. */
export class KeepBaskets1763700010000 implements MigrationInterface {
  readonly name = 'KeepBaskets1763700010000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [BASKET_TABLES, BASKET_COMMIT, RESERVE_OUTPUTS, CHECK_RESERVED, OFFERS, CLAIM_RESERVED]) {
      await runner.query(statements);
    }
    await runner.query(BASKET_GRANTS);
    await runner.query(SETTINGS);
    await runner.query(STREAM_FREE);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
