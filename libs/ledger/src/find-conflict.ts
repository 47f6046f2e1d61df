import { accept, printOutpoint, reject, txidFromWire, txidToWire } from '#atomic-core';
import type { Result } from '#atomic-core';
import type { Spend } from './commit-input';
import { hexOf, runStatement } from './database';
import type { Database } from './database';

/**
 * `outpoint-spent`, naming the winner, when another transaction holds one of these outpoints. Explains a refusal and decides nothing: only the COMMIT
 * claims outpoints.
 */
export const findConflict = async (db: Database, spends: readonly Spend[]): Promise<Result<undefined>> => {
  const asked = spends.map(({ outpoint, spenderTxid }) => ({
    outpoint: hexOf(outpoint),
    spender: hexOf(txidToWire(spenderTxid)),
  }));
  const [lost] = await runStatement<{ outpoint: Buffer; winner: Buffer }[]>(
    db,
    `select held.outpoint, held.spender_txid as winner from jsonb_array_elements($1::jsonb) s
     join portcullis.spent_outpoint held on held.outpoint = decode(s->>'outpoint', 'hex')
     where held.spender_txid <> decode(s->>'spender', 'hex') order by held.outpoint limit 1`,
    [JSON.stringify(asked)],
  );
  if (lost === undefined) return accept(undefined);
  return reject('outpoint-spent', `${printOutpoint(lost.outpoint)} is spent by ${txidFromWire(lost.winner)}`);
};
