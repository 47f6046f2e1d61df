import { Injectable } from '@nestjs/common';
import { expireProposals } from '#ledger';
import { PruningRunner } from '../database';

/** Ends proposals whose deadline is over, and forgets their transactions. Until then they are told, and refused, as ended. */
@Injectable()
export class ProposalExpiryRunner extends PruningRunner {
  protected readonly what = 'ended proposals';
  protected readonly batchesMax = 5;

  protected prune(rowsMax: number): Promise<number> {
    return expireProposals(this.database, rowsMax);
  }
}
