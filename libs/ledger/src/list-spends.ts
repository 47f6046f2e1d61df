import { makeOutpoint } from '#atomic-core';
import type { GraphTransaction } from '#atomic-core';
import type { Spend } from './commit-input';

/** What a coinbase names instead of a parent. */
const NULL_TXID = '0'.repeat(64);

/**
 * What the network has yet to agree to, and what the last of the graph spends: a subject or a payment that is proven claims its outpoints all the same,
 * so that nothing is applied beside it that can never be mined.
 */
export const listSpends = (graph: readonly GraphTransaction[]): Spend[] => {
  const last = graph.at(-1);
  return graph
    .filter((transaction) => transaction === last || transaction.bump === undefined)
    .flatMap(({ txid, inputs }) =>
      inputs
        .filter(({ parentTxid }) => parentTxid !== NULL_TXID)
        .map(({ parentTxid, parentVout }) => ({ outpoint: makeOutpoint(parentTxid, parentVout), spenderTxid: txid })),
    );
};
