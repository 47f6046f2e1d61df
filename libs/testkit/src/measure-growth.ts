import type { EntityManager } from 'typeorm';
import { fillLedger } from './fill-ledger';
import { createTestDatabase } from './postgres';
import type { TestDatabase } from './postgres';

/** A ledger this small was looked at when the plans were made; this large it is when they are followed. */
const SMALL = 1_000;
const LARGE = 30_000;
const ROUNDS = 12;
/** Indexes of the large ledger are a level deeper, and pages that are not vacuumed hold what was changed. What walks a table reads hundreds of times as much. */
const GROWTH_MAX = 2;
const GROWTH_BLOCKS = 20;
/** Of the audit head there is one row, and of the states one a topic: there is no better way to read them. */
const READ_WHOLE: readonly string[] = ['audit_head', 'topic_state'];

export type Works = Readonly<Record<string, () => Promise<void>>>;

interface Reading {
  readonly table: string;
  readonly whole: number;
  readonly blocks: number;
}

type Measured = Record<string, { readonly whole: readonly string[]; readonly blocks: number }>;

export interface AgeingLedger {
  readonly database: TestDatabase;
  /** One session, so that what it keeps of its plans is kept from the small ledger to the large one. */
  readonly db: EntityManager;
  /**
   * Which of the works read a table whole, or more blocks than on a small ledger: with the plans of an empty one, unanalysed, and analysed. Nothing, when
   * each thing asked is an index descent.
   */
  findGrowth(works: Works): Promise<unknown[]>;
  close(): Promise<void>;
}

const readCounters = async (database: TestDatabase, db: EntityManager): Promise<Reading[]> => {
  await db.query('select pg_stat_force_next_flush()');
  return database.owner.query<Reading[]>(
    `select s.relname as table, s.seq_scan::int as whole,
       (i.heap_blks_hit + i.heap_blks_read + coalesce(i.idx_blks_hit + i.idx_blks_read, 0))::int as blocks
     from pg_stat_user_tables s join pg_statio_user_tables i using (relid) where s.schemaname = 'portcullis' order by s.relname`,
  );
};

/** Tables that were read whole, and blocks that were touched, by one round of each work. */
const measure = async (database: TestDatabase, db: EntityManager, works: Works): Promise<Measured> => {
  const measured: Measured = {};
  for (const [name, work] of Object.entries(works)) {
    const before = await readCounters(database, db);
    for (let round = 0; round < ROUNDS; round += 1) await work();
    const after = await readCounters(database, db);
    const grown = after.map(({ table, whole, blocks }, place) => ({
      table,
      whole: whole - (before[place]?.whole ?? 0),
      blocks: blocks - (before[place]?.blocks ?? 0),
    }));
    measured[name] = {
      whole: grown.filter(({ table, whole }) => whole > 0 && !READ_WHOLE.includes(table)).map(({ table }) => table),
      blocks: grown.reduce((sum, { blocks }) => sum + blocks, 0) / ROUNDS,
    };
  }
  return measured;
};

const compare = (small: Measured, large: Measured): unknown[] =>
  Object.entries(large)
    .filter(
      ([name, { whole, blocks }]) =>
        whole.length > 0 || blocks > (small[name]?.blocks ?? 0) * GROWTH_MAX + GROWTH_BLOCKS,
    )
    .map(([name, { whole, blocks }]) => ({ name, whole, small: small[name]?.blocks, large: blocks }));

export const openAgeingLedger = async (): Promise<AgeingLedger> => {
  const database = await createTestDatabase();
  const { owner, dataSource } = database;
  const db = dataSource.createQueryRunner().manager;
  // A visit of the vacuum makes the server plan anew; what is shown here holds without one.
  const tables = await owner.query<{ name: string }[]>(
    `select oid::regclass::text as name from pg_class where relnamespace = 'portcullis'::regnamespace and relkind = 'r'`,
  );
  for (const { name } of tables) await owner.query(`alter table ${name} set (autovacuum_enabled = off)`);
  return {
    database,
    db,
    findGrowth: async (works) => {
      // Known to be empty: then every table is cheapest read whole.
      await owner.query('vacuum analyze');
      await measure(database, db, works);
      await fillLedger(owner, 1, SMALL);
      const small = await measure(database, db, works);
      await fillLedger(owner, SMALL + 1, LARGE);
      const found = compare(small, await measure(database, db, works));
      await db.query('discard plans');
      found.push(...compare(small, await measure(database, db, works)));
      await owner.query('analyze');
      return [...found, ...compare(small, await measure(database, db, works))];
    },
    close: async () => {
      await db.queryRunner?.release();
      await database.drop();
    },
  };
};
