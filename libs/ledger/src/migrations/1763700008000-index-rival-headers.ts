import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Headers beside the best chain, by their work: whether a branch of equal work exists is asked for every proof that disagrees with us, and strangers choose
 * how many those are. Without it each question reads the whole store: 500 ms at 900,000 headers. The branches are few and stay few: each header cost its work.
 */
const RIVAL_HEADERS = `
create index if not exists block_header_rival on portcullis.block_header (work) where not is_best;
`;

/** A proof that disagrees costs no more than one that agrees. */
export class IndexRivalHeaders1763700008000 implements MigrationInterface {
  readonly name = 'IndexRivalHeaders1763700008000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RIVAL_HEADERS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
