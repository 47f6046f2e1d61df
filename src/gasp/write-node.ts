import type { GASPNode } from '@bsv/gasp';
import type { GraphTransaction } from '#atomic-core';

/** A transaction as GASP sends it: hex, with its BUMP (BRC-74) where it is proven. */
export const writeNode = (
  graphID: string,
  outputIndex: number,
  { raw, bump }: Pick<GraphTransaction, 'raw' | 'bump'>,
): GASPNode => ({
  ...{ graphID, outputIndex, rawTx: Buffer.from(raw).toString('hex') },
  ...(bump && { proof: Buffer.from(bump.bytes).toString('hex') }),
});
