import { printOutpoint, txidFromWire } from '#atomic-core';
import type { Txid } from '#atomic-core';
import type { Spend } from './commit-input';
import type { Database } from './database';
import { findWinner } from './find-conflict';
import { retractTransition } from './retract-transition';

/**
 * The block decides. Whoever holds an outpoint that a proven transaction spends can never be mined beside it, and is retracted with all that stands on
 * it, whether or not the network's refusal has reached us. `spends` MUST be those of a transaction whose proof was judged against our best chain.
 * Returns the txids retracted; a holder that is proven itself stays, and the COMMIT refuses.
 */
export const retractRivals = async (db: Database, spends: readonly Spend[]): Promise<Txid[]> => {
  const retracted: Txid[] = [];
  // Each round frees an outpoint at least.
  for (let round = 0; round < spends.length; round += 1) {
    const rival = await findWinner(db, spends);
    if (rival === undefined) break;
    const reason = `${printOutpoint(rival.outpoint)} is spent in a block by another transaction`;
    const gone = await retractTransition(db, txidFromWire(rival.winner), reason);
    if (gone.length === 0) break;
    retracted.push(...gone);
  }
  return retracted;
};
