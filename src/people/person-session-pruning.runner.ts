import { Injectable } from '@nestjs/common';
import { prunePersonSessions } from '#ledger';
import { PruningRunner } from '../database';

/** Removes sessions of people that are over. */
@Injectable()
export class PersonSessionPruningRunner extends PruningRunner {
  protected readonly what = 'ended sessions of people';
  protected readonly batchesMax = 10;

  protected prune(rowsMax: number): Promise<number> {
    return prunePersonSessions(this.database, rowsMax);
  }
}
