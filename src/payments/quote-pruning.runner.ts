import { Injectable } from '@nestjs/common';
import { pruneQuotes } from '#ledger';
import { PruningRunner } from '../database';

/** Forgets terms that nobody paid. */
@Injectable()
export class QuotePruningRunner extends PruningRunner {
  protected readonly what = 'unpaid terms';
  protected readonly batchesMax = 20;

  protected prune(rowsMax: number): Promise<number> {
    return pruneQuotes(this.database, rowsMax);
  }
}
