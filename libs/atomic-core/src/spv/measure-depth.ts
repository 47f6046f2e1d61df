import type { BeefGraph } from '../beef/beef-graph';
import { measureDepths } from '../beef/reach-ancestors';
import { isSameHash } from '../beef/sort-keys';
import { type Txid, txidToWire } from '../bytes';

/** How many spends lie between the subject (0) and a transaction of its ancestry; undefined for any other. */
export const measureDepth = (read: BeefGraph, txid: Txid): number | undefined => {
  const wire = txidToWire(txid);
  const depths = measureDepths(read);
  for (let row = 0; row < depths.length; row++) {
    if (!isSameHash(read.txids, 32 * row, wire, 0)) continue;
    const depth = depths[row] as number;
    return depth < 0 ? undefined : depth;
  }
  return undefined;
};
