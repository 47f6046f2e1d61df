import { verifyBump } from '#atomic-core';
import type { Txid } from '#atomic-core';
import { applyProof, findHeadersAt } from '#ledger';
import type { RelayContext } from './relay-context';

/** `settled`: the transaction is mined as far as we know. `unknown-transaction`: not ours; no row was made. */
export type ProofVerdict = 'settled' | 'unproven' | 'unknown-transaction';

/**
 * Takes a BUMP that anybody handed us. It moves a settlement only when it leads from this transaction to the Merkle root of a header on our own best
 * chain; whatever else came with it (a block hash, a height, the word MINED) is not looked at. Height and root are compared with one row, and the
 * ledger checks once more that this very block is still on the best chain, so a reorg in between cannot slip through.
 */
export const settleProof = async (
  context: Pick<RelayContext, 'database' | 'log' | 'metrics'>,
  txid: Txid,
  bytes: Uint8Array,
): Promise<ProofVerdict> => {
  const bump = verifyBump(bytes, txid);
  if (!bump.ok) {
    context.log.write('warn', 'a proof was offered that is no BUMP of its transaction', {
      txid,
      code: bump.rejection.code,
    });
    return 'unproven';
  }
  const { height, root } = bump.value;
  const [found] = await findHeadersAt(context.database, [height]);
  if (found === undefined) return 'unproven'; // we lag behind its source; the next poll asks again
  if (found.header.merkleRoot !== root) {
    context.log.write('warn', 'a proof was offered whose root is not in our chain', { txid, height });
    return 'unproven';
  }
  const outcome = await applyProof(context.database, { txid, bump: bump.value.bytes, blockHash: found.hash, height });
  if (outcome === 'applied') {
    context.metrics.countSettlement('mined');
    context.log.write('info', 'a transaction is mined', { txid, height, blockHash: found.hash });
  }
  if (outcome === 'off-chain') return 'unproven';
  return outcome === 'unknown' ? 'unknown-transaction' : 'settled';
};
