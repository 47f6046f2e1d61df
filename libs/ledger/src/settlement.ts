import { nextSettlement, settlements, txidFromWire, txidToWire } from '#atomic-core';
import type { Settlement, SettlementEvent, Txid } from '#atomic-core';
import { writeOutbox } from './commit-input';
import { onlyRow, runStatement, wireHex } from './database';
import type { Database } from './database';

/** The moves of one event as `{from: to}`: the state machine stays in the core, SQL only looks up. */
export const listMoves = (event: SettlementEvent): Partial<Record<Settlement, Settlement>> => {
  const moves: Partial<Record<Settlement, Settlement>> = {};
  for (const current of settlements) {
    const next = nextSettlement(current, event);
    if (next !== undefined) moves[current] = next;
  }
  return moves;
};
export const writeMoves = (event: SettlementEvent): string => JSON.stringify(listMoves(event));

export type SettlementDetail = Readonly<Record<string, unknown>>;

/**
 * Moves every transition and payment claim of `txid` along the table and appends a settlement_event to each that moved; returns how many.
 * For `broadcast-accepted` and `seen`. A proof goes through `applyProof`, a refusal through `retractTransition`.
 */
export const recordSettlement = async (
  db: Database,
  txid: Txid,
  event: 'broadcast-accepted' | 'seen',
  detail: SettlementDetail = {},
): Promise<number> =>
  onlyRow(
    await runStatement<{ moved: number }[]>(
      db,
      'select portcullis.record_settlement($1, $2::jsonb, $3::jsonb) as moved',
      [txidToWire(txid), writeMoves(event), JSON.stringify(detail)],
    ),
  ).moved;

export interface Proof {
  readonly txid: Txid;
  /** Canonical BRC-74 bytes that the caller verified to lead to the Merkle root of `blockHash`. */
  readonly bump: Uint8Array;
  /** Display-order hex. */
  readonly blockHash: string;
  readonly height: number;
}

/** `off-chain`: that block is not in our best chain (any more). `unknown`: no such transaction here; a stranger creates no row. */
export type ProofOutcome = 'applied' | 'unchanged' | 'off-chain' | 'unknown';

/** Stores the proof and moves to `mined`, unless a reorg took the block meanwhile. A proof also clears an earlier refusal of the transaction. */
export const applyProof = async (db: Database, { txid, bump, blockHash, height }: Proof): Promise<ProofOutcome> =>
  onlyRow(
    await runStatement<{ outcome: ProofOutcome }[]>(
      db,
      'select portcullis.apply_proof($1::jsonb, $2::jsonb, $3::jsonb) as outcome',
      [
        JSON.stringify({
          txid: wireHex(txid),
          bump: Buffer.from(bump).toString('hex'),
          block: wireHex(blockHash as Txid),
          height,
        }),
        writeMoves('mined'),
        JSON.stringify({ blockHash: `wire:${wireHex(blockHash as Txid)}`, height }),
      ],
    ),
  ).outcome;

/**
 * Takes the proofs of orphaned blocks back: BUMPs cleared, `mined` and `final` go to `seen`, proof polls re-opened. MUST run in the transaction
 * that changes the best chain, after the change. Returns the txids.
 */
export const rewindBlocks = async (db: Database, orphanedBlockHashes: readonly string[]): Promise<Txid[]> => {
  if (orphanedBlockHashes.length === 0) return [];
  const rows = await runStatement<{ txid: Buffer }[]>(
    db,
    'select portcullis.rewind_blocks($1::bytea[], $2::jsonb) as txid',
    [orphanedBlockHashes.map((hash) => txidToWire(hash as Txid)), writeMoves('reorged')],
  );
  const txids = rows.map((row) => txidFromWire(row.txid));
  const polls = txids.map((txid) => ({ kind: 'proof', dedupeKey: `proof:${txid}`, payload: { txid } }));
  await runStatement(db, 'select portcullis.reopen_proofs($1::jsonb)', [JSON.stringify(writeOutbox(polls))]);
  return txids;
};

/** `mined` becomes `final` where the block has `depth` confirmations under a tip at `bestHeight`; returns how many moved. */
export const finalise = async (db: Database, bestHeight: number, depth: number): Promise<number> =>
  onlyRow(
    await runStatement<{ moved: number }[]>(db, 'select portcullis.finalise($1, $2::jsonb) as moved', [
      bestHeight - depth + 1,
      writeMoves('final'),
    ]),
  ).moved;
