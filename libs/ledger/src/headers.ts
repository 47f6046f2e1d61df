import { historyNeeded, judgeHeader, judgeRootHeader, readHeader, txidFromWire, txidToWire } from '#atomic-core';
import type { AcceptedHeader, ChainedHeader, HeaderFault, HeaderVerdict, NetworkParams, Txid } from '#atomic-core';
import type { Database } from './database';
import { findHistory, findHeaderTip } from './headers-find';
import type { HeaderTip } from './headers-find';
import { rewindBlocks } from './settlement';

export interface HeaderBatch {
  readonly params: NetworkParams;
  /** 80 bytes each, every one the child of the one before. */
  readonly headers: readonly Uint8Array[];
  readonly nowSeconds: number;
  /** The genesis block or the checkpoint: the one header that may come without its parent. */
  readonly root: { readonly height: number; readonly hash: string };
}

export interface StoredFault {
  /** Of the header within the batch. */
  readonly index: number;
  readonly fault: HeaderFault | 'parent-unknown';
}

export interface HeaderInsertion {
  /** Headers of this batch that are in the store now, from its start on. */
  readonly accepted: number;
  readonly tip: HeaderTip | undefined;
  /** Blocks that left the best chain, by hash; their proofs were re-opened in this transaction. */
  readonly orphaned: readonly string[];
  /** Where the batch stopped being a chain of this network. */
  readonly fault: StoredFault | undefined;
}

/** Any number that no other part uses: header stores of one database change one at a time. */
const HEADER_LOCK = 7_470_948_351;
const HEADER_BATCH_MAX = 10_000;

const judge = (batch: HeaderBatch, history: ChainedHeader[], bytes: Uint8Array): HeaderVerdict => {
  const header = readHeader(bytes);
  if (header?.hash === batch.root.hash) return judgeRootHeader(batch.params, bytes, batch.root);
  return judgeHeader(batch.params, history, bytes, batch.nowSeconds);
};

const judgeBatch = (
  batch: HeaderBatch,
  history: ChainedHeader[],
): { accepted: AcceptedHeader[]; fault: StoredFault | undefined } => {
  const accepted: AcceptedHeader[] = [];
  for (const [index, bytes] of batch.headers.entries()) {
    const verdict = judge(batch, history, bytes);
    if (!verdict.ok) return { accepted, fault: { index, fault: verdict.fault } };
    accepted.push(verdict.accepted);
    history.push(verdict.accepted);
  }
  return { accepted, fault: undefined };
};

const store = async (db: Database, headers: readonly AcceptedHeader[]): Promise<void> => {
  await db.query(
    `insert into portcullis.block_header (hash, previous_hash, height, header, work)
     select hash, substring(header from 5 for 32), height, header, work
     from unnest($1::bytea[], $2::int[], $3::bytea[], $4::numeric[]) as given (hash, height, header, work)
     on conflict (hash) do nothing`,
    [
      headers.map(({ hash }) => txidToWire(hash as Txid)),
      headers.map(({ height }) => height),
      headers.map(({ header }) => Buffer.from(header.bytes)),
      headers.map(({ chainWork }) => chainWork.toString()),
    ],
  );
};

/** Makes the branch that ends in `hash` the best one. Returns what it replaced, newest first. */
const switchBest = async (db: Database, hash: string): Promise<string[]> => {
  const wire = txidToWire(hash as Txid);
  const branch = `with recursive branch as (
       select h.hash, h.previous_hash, h.height from portcullis.block_header h where h.hash = $1 and not h.is_best
       union all
       select h.hash, h.previous_hash, h.height
       from branch join portcullis.block_header h on h.hash = branch.previous_hash and not h.is_best
     )`;
  const orphaned = await db.query<{ hash: Buffer }[]>(
    `${branch}, fork as (
       -- The parent of the branch's first header; without one this is another root and everything goes.
       select coalesce(max(h.height), -1) as height
       from portcullis.block_header h join branch on h.hash = branch.previous_hash and h.is_best
     ), gone as (
       update portcullis.block_header h set is_best = false from fork where h.is_best and h.height > fork.height
       returning h.hash, h.height
     )
     select hash from gone order by height desc`,
    [wire],
  );
  await db.query(
    `${branch} update portcullis.block_header h set is_best = true from branch where h.hash = branch.hash`,
    [wire],
  );
  return orphaned.map((row) => txidFromWire(row.hash));
};

const openHistory = async (db: Database, batch: HeaderBatch): Promise<ChainedHeader[] | undefined> => {
  const first = batch.headers[0] && readHeader(batch.headers[0]);
  if (!first || first.hash === batch.root.hash) return [];
  const [parent] = await findHistory(db, first.prevHash, 1);
  if (!parent) return undefined;
  return findHistory(db, parent.hash, historyNeeded(batch.params, parent.height));
};

/**
 * Checks a run of headers and stores those that hold, up to the first that does not. The chain with the most work is the best one, the first seen of
 * equals; when it changes, the proofs of the blocks that left it are re-opened in the same transaction.
 *
 * `db` MUST be one database transaction (an EntityManager): the lock taken here lasts as long as it.
 */
export const insertHeaders = async (db: Database, batch: HeaderBatch): Promise<HeaderInsertion> => {
  if (batch.headers.length > HEADER_BATCH_MAX) throw new RangeError(`At most ${HEADER_BATCH_MAX} headers in a batch`);
  await db.query('select pg_advisory_xact_lock($1)', [HEADER_LOCK]);
  const before = await findHeaderTip(db);
  const history = await openHistory(db, batch);
  if (!history) {
    return { accepted: 0, tip: before, orphaned: [], fault: { index: 0, fault: 'parent-unknown' } };
  }
  const { accepted, fault } = judgeBatch(batch, history);
  const last = accepted.at(-1);
  if (!last) return { accepted: 0, tip: before, orphaned: [], fault };
  await store(db, accepted);
  const better = before === undefined || last.chainWork > before.chainWork;
  const orphaned = better ? await switchBest(db, last.hash) : [];
  await rewindBlocks(db, orphaned);
  return { accepted: accepted.length, tip: better ? await findHeaderTip(db) : before, orphaned, fault };
};
