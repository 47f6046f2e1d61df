import { medianTimePast, readHeader, txidFromWire, txidToWire } from '#atomic-core';
import type { BlockHeader, ChainedHeader, Txid } from '#atomic-core';
import { In } from 'typeorm';
import { runStatement } from './database';
import type { Database } from './database';
import { BlockHeaderEntity } from './entities/block-header';
import type { StoredBlockHeader } from './entities/block-header';
import { prepareStatement } from './prepared';

export interface StoredHeader extends ChainedHeader {
  readonly header: BlockHeader;
  readonly isBest: boolean;
}

export interface HeaderTip {
  readonly height: number;
  readonly hash: string;
  readonly time: number;
  readonly medianTimePast: number;
  readonly chainWork: bigint;
  /** How long ago it was stored, by the clock of the database. */
  readonly ageSeconds: number;
}

interface HeaderRow {
  readonly hash: Buffer;
  readonly height: number;
  readonly header: Buffer;
  readonly work: string;
  readonly is_best: boolean;
}

const COLUMNS = 'h.hash, h.height, h.header, h.work::text as work, h.is_best';
const MEDIAN_BLOCKS = 11;

type Stored = Pick<StoredBlockHeader, 'hash' | 'height' | 'header' | 'work' | 'isBest'>;

const readStored = ({ hash, height, header: bytes, work, isBest }: Stored): StoredHeader => {
  const header = readHeader(bytes);
  if (!header) throw new Error(`The stored header at height ${height} is not 80 bytes`);
  return { header, hash, height, time: header.time, bits: header.bits, chainWork: BigInt(work), isBest };
};

const readRow = ({ hash, is_best: isBest, ...row }: HeaderRow): StoredHeader =>
  readStored({ ...row, hash: txidFromWire(hash), isBest });

/** On any branch. */
export const findHeader = async (db: Database, hash: string): Promise<StoredHeader | undefined> => {
  const stored = await db.getRepository(BlockHeaderEntity).findOneBy({ hash });
  return stored === null ? undefined : readStored(stored);
};

/** Of the best chain; heights that it does not have are left out. */
export const findHeadersAt = async (db: Database, heights: readonly number[]): Promise<StoredHeader[]> => {
  const stored = await db.getRepository(BlockHeaderEntity).find({
    where: { isBest: true, height: In(heights) },
    order: { height: 'asc' },
  });
  return stored.map(readStored);
};

/** `count` headers that end with `hash`, oldest first; fewer where the store begins. */
export const findHistory = async (db: Database, hash: string, count: number): Promise<StoredHeader[]> => {
  const rows = await db.query<HeaderRow[]>(
    `with recursive back as (
       select h.hash, h.previous_hash, 1 as depth from portcullis.block_header h where h.hash = $1
       union all
       select h.hash, h.previous_hash, back.depth + 1
       from back join portcullis.block_header h on h.hash = back.previous_hash
       where back.depth < $2
     )
     select ${COLUMNS} from back join portcullis.block_header h using (hash) order by back.depth desc`,
    [txidToWire(hash as Txid), count],
  );
  return rows.map(readRow);
};

/** The last header of the best chain. Undefined while the store is empty. */
export const findHeaderTip = async (db: Database): Promise<HeaderTip | undefined> => {
  const rows = await db.query<(HeaderRow & { age_seconds: number })[]>(
    `select ${COLUMNS}, extract(epoch from clock_timestamp() - h.received_at)::float8 as age_seconds
     from portcullis.block_header h where h.is_best order by h.height desc limit ${MEDIAN_BLOCKS}`,
    [],
  );
  const newest = rows[0];
  if (!newest) return undefined;
  const tip = readRow(newest);
  return {
    height: tip.height,
    hash: tip.hash,
    time: tip.time,
    chainWork: tip.chainWork,
    medianTimePast: medianTimePast(rows.map(readRow)),
    ageSeconds: newest.age_seconds,
  };
};

export interface ClaimedRoot {
  readonly height: number;
  /** Display order. */
  readonly root: string;
}

/**
 * Those of `claims` that belong to a branch with exactly the work of the best chain, in one question: then which of the two will stay is not known to anybody.
 * One that the best chain itself holds by now counts as well: it came with a reorg since the caller looked. All heights MUST be of the best chain.
 */
export const listContestedRoots = async <T extends ClaimedRoot>(db: Database, claims: readonly T[]): Promise<T[]> => {
  if (claims.length === 0) return [];
  const rows = await db.query<{ place: number }[]>(
    `with recursive claim as (
       select c.height, c.root, c.place::int - 1 as place from unnest($1::int[], $2::bytea[]) with ordinality as c (height, root, place)
     ), rival as (
       select h.hash, h.previous_hash, h.height, h.header from portcullis.block_header h
       where not h.is_best and h.work = (select b.work from portcullis.block_header b where b.is_best order by b.height desc limit 1)
       union all
       select h.hash, h.previous_hash, h.height, h.header
       from rival join portcullis.block_header h on h.hash = rival.previous_hash and not h.is_best
       where rival.height > $3
     )
     select claim.place from claim
     where exists (select from rival where rival.height = claim.height and substring(rival.header from 37 for 32) = claim.root)
        or exists (select from portcullis.block_header b where b.is_best and b.height = claim.height and substring(b.header from 37 for 32) = claim.root)`,
    [
      claims.map(({ height }) => height),
      claims.map(({ root }) => txidToWire(root as Txid)),
      claims.reduce((lowest, { height }) => Math.min(lowest, height), Infinity),
    ],
  );
  return rows.flatMap(({ place }) => claims[place] ?? []);
};

/** Where the best chain of the store begins: 0, or the height of a checkpoint. */
export const findLowestHeight = async (db: Database): Promise<number | undefined> => {
  const rows = await db.query<{ height: number | null }[]>(
    'select min(h.height) as height from portcullis.block_header h where h.is_best',
    [],
  );
  return rows[0]?.height ?? undefined;
};

export interface ChainView {
  /** Hash of the best block, display order. Undefined while the store is empty. */
  readonly tipHash: string | undefined;
  /** Whether the block that was asked about is on the best chain, and so all its ancestors. */
  readonly holdsAnchor: boolean;
  /** By height: the Merkle root of the best chain's block, display order. Heights that it does not have are left out. */
  readonly roots: ReadonlyMap<number, string>;
}

interface ViewRow {
  readonly kind: 'tip' | 'anchor' | 'root';
  readonly height: number;
  readonly hash: Buffer;
}

const VIEW_CHAIN = prepareStatement(
  'select v.kind, v.height, v.hash from portcullis.view_chain($1::bytea, $2::integer[]) v',
);

/** One statement and so one moment: the tip, whether `anchor` is still below it, and the roots at `heights`. Never one of them before a reorg and one after. */
export const findChainView = async (
  db: Database,
  anchor: string | undefined,
  heights: readonly number[],
): Promise<ChainView> => {
  const asked = [anchor === undefined ? null : txidToWire(anchor as Txid), heights];
  const rows = await runStatement<ViewRow[]>(db, VIEW_CHAIN, asked);
  const tip = rows.find(({ kind }) => kind === 'tip');
  const roots = rows.filter(({ kind }) => kind === 'root');
  return {
    tipHash: tip && txidFromWire(tip.hash),
    holdsAnchor: rows.some(({ kind }) => kind === 'anchor'),
    roots: new Map(roots.map(({ height, hash }) => [height, txidFromWire(hash)])),
  };
};

/** Hash of the best block, for who knows the rest of it by that. */
export const findTipHash = async (db: Database): Promise<string | undefined> =>
  (await findChainView(db, undefined, [])).tipHash;
