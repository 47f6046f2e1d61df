import type { MigrationInterface, QueryRunner } from 'typeorm';
import { GASP_PEERS } from '../sql/gasp-peers';

/** How far each host was followed, per topic: ops/decisions/0034. */
export class CreateGaspPeers1763700012000 implements MigrationInterface {
  readonly name = 'CreateGaspPeers1763700012000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(GASP_PEERS);
  }

  /** Forward only: a mistake is mended by the next migration. */
  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only'));
  }
}
