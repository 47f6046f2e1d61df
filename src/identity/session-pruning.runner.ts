import { Injectable } from '@nestjs/common';
import { pruneExpired } from '#ledger';
import { PruningRunner } from '../database';

/** Removes ended sessions and their nonces. */
@Injectable()
export class SessionPruningRunner extends PruningRunner {
  protected readonly what = 'ended sessions';
  /** Each request leaves a nonce, so this is what a process may serve between two rounds. */
  protected readonly batchesMax = 200;

  protected prune(rowsMax: number): Promise<number> {
    return pruneExpired(this.database, rowsMax);
  }
}
