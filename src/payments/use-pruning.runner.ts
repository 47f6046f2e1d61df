import { Injectable } from '@nestjs/common';
import { pruneUses } from '#ledger';
import { PruningRunner } from '../database';

/** Forgets what was counted in periods of long ago. */
@Injectable()
export class UsePruningRunner extends PruningRunner {
  protected readonly what = 'counts of periods that have ended';
  protected readonly batchesMax = 20;

  protected prune(rowsMax: number): Promise<number> {
    return pruneUses(this.database, rowsMax);
  }
}
