import { accept, printOutpoint, readOutpoint, reject, txidFromWire, txidToWire } from '#atomic-core';
import type { RejectionPlace, Result, Txid } from '#atomic-core';
import { In, IsNull, Not } from 'typeorm';
import type { LedgerTransaction, Spend } from './commit-input';
import { hexOf, runStatement } from './database';
import type { Database } from './database';
import { TransactionEntity } from './entities/transaction';

/** What the network refused among these and their parents; a proof in hand outweighs the refusal, as it does in the COMMIT. */
const findRefused = async (
  db: Database,
  transactions: readonly LedgerTransaction[],
  spends: readonly Spend[],
): Promise<Txid | undefined> => {
  const asked = new Set([
    ...transactions.map(({ txid }) => txid),
    ...spends.map(({ outpoint }) => readOutpoint(outpoint).txid),
  ]);
  for (const { txid, bump } of transactions) if (bump !== undefined) asked.delete(txid);
  const [refused] = await db.getRepository(TransactionEntity).find({
    select: { txid: true },
    where: { txid: In([...asked]), refusedAt: Not(IsNull()) },
    // The first that was refused: a retraction marks what it refuses and all that stands on it at one time.
    order: { refusedAt: 'asc', txid: 'asc' },
    take: 1,
  });
  return refused?.txid;
};

/** Who holds the first of these outpoints that another transaction holds. */
export const findWinner = async (
  db: Database,
  spends: readonly Spend[],
): Promise<{ outpoint: Buffer; winner: Buffer } | undefined> => {
  const asked = spends.map(({ outpoint, spenderTxid }) => ({
    outpoint: hexOf(outpoint),
    spender: hexOf(txidToWire(spenderTxid)),
  }));
  const [lost] = await runStatement<{ outpoint: Buffer; winner: Buffer }[]>(
    db,
    // A lookup for each that asks: for the sake of the limit the planner would else walk the table in its order.
    `select held.outpoint, held.spender_txid as winner from jsonb_array_elements($1::jsonb) s
     cross join lateral (select h.* from portcullis.spent_outpoint h where h.outpoint = decode(s->>'outpoint', 'hex') offset 0) held
     where held.spender_txid <> decode(s->>'spender', 'hex') order by held.outpoint limit 1`,
    [JSON.stringify(asked)],
  );
  return lost;
};

/**
 * Why a plan could not be made: `parent-retracted`, naming what the network refused, or `outpoint-spent`, naming the winner. Explains a refusal and
 * decides nothing: only the COMMIT looks at refusals and claims outpoints for good. Same order as there.
 */
export const findConflict = async (
  db: Database,
  transactions: readonly LedgerTransaction[],
  spends: readonly Spend[],
): Promise<Result<undefined>> => {
  const refused = await findRefused(db, transactions, spends);
  if (refused !== undefined)
    return reject('parent-retracted', `${refused} was refused by the network`, { txid: refused });
  const lost = await findWinner(db, spends);
  if (lost === undefined) return accept(undefined);
  const detail = `${printOutpoint(lost.outpoint)} is spent by ${txidFromWire(lost.winner)}`;
  return reject('outpoint-spent', detail, findSpender(spends, lost.outpoint));
};

/** The spends of one transaction stand in the order of its inputs. */
const findSpender = (spends: readonly Spend[], outpoint: Uint8Array): RejectionPlace | undefined => {
  const lost = spends.find((spend) => Buffer.compare(spend.outpoint, outpoint) === 0);
  if (lost === undefined) return undefined;
  return {
    txid: lost.spenderTxid,
    input: spends.filter((spend) => spend.spenderTxid === lost.spenderTxid).indexOf(lost),
  };
};
