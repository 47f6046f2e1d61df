import { randomBytes } from 'node:crypto';
import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { ScriptVerdictEntity } from './entities/script-verdict';
import { findScriptVerdicts, pruneScriptVerdicts, recordScriptVerdicts } from './script-verdicts';

const txids = (count: number): Buffer[] => Array.from({ length: count }, () => randomBytes(32));
const sorted = (list: readonly Uint8Array[]): string[] => list.map((txid) => Buffer.from(txid).toString('hex')).sort();

describe('remembered script verdicts', () => {
  let database: TestDatabase;
  let db: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = database.dataSource;
  }, 90_000);
  afterAll(() => database.drop());
  afterEach(() => database.owner.query('truncate portcullis.script_verdict'));

  it('are found by txid, by any replica, and only those asked for', async () => {
    const [known, other, strangers] = [txids(3), txids(2), txids(3)];
    await recordScriptVerdicts(db, 1, [...known, ...other]);
    const replica = await database.openPool();
    expect(sorted(await findScriptVerdicts(replica, 1, [...strangers, ...known]))).toEqual(sorted(known));
    expect(await findScriptVerdicts(db, 1, strangers)).toEqual([]);
    expect(await findScriptVerdicts(db, 1, [])).toEqual([]);
  });

  it('hold for the rules that they were found under, and no others', async () => {
    const known = txids(2);
    await recordScriptVerdicts(db, 1, known);
    expect(await findScriptVerdicts(db, 2, known)).toEqual([]);
    await recordScriptVerdicts(db, 2, known);
    expect(await findScriptVerdicts(db, 2, known)).toHaveLength(2);
  });

  it('may be recorded twice, in one call and by two replicas at once in any order', async () => {
    const replica = await database.openPool();
    const known = txids(200);
    const backwards = known.toReversed();
    await Promise.all([
      ...Array.from({ length: 8 }, () => recordScriptVerdicts(db, 1, [...known, ...known.slice(0, 5)])),
      ...Array.from({ length: 8 }, () => recordScriptVerdicts(replica, 1, backwards)),
    ]);
    expect(await db.getRepository(ScriptVerdictEntity).count()).toBe(200);
  });

  it('are forgotten in the order of their arrival beyond the number to keep, a batch at a time', async () => {
    const byAge = txids(10);
    for (const txid of byAge.toReversed()) await recordScriptVerdicts(db, 1, [txid]);
    expect(await pruneScriptVerdicts(db, 10)).toBe(0);
    expect(await pruneScriptVerdicts(db, 4, 5)).toBe(5);
    expect(await pruneScriptVerdicts(db, 4, 5)).toBe(1);
    expect(await pruneScriptVerdicts(db, 4, 5)).toBe(0);
    expect(sorted(await findScriptVerdicts(db, 1, byAge))).toEqual(sorted(byAge.slice(0, 4)));
  });

  it('take no place when they are recorded again, so that they drive nothing out', async () => {
    const [known, young] = [txids(10), txids(1)];
    for (let time = 0; time < 5; time += 1) await recordScriptVerdicts(db, 1, known);
    await recordScriptVerdicts(db, 1, young);
    expect(await pruneScriptVerdicts(db, 11)).toBe(0);
    expect(await pruneScriptVerdicts(db, 10)).toBe(1);
  });

  it('are forgotten by two replicas at once, each of them once', async () => {
    const replica = await database.openPool();
    await recordScriptVerdicts(db, 1, txids(1_000));
    const removed = await Promise.all([db, replica].map((pool) => pruneScriptVerdicts(pool, 100, 2_000)));
    expect(removed[0]! + removed[1]!).toBe(900);
    expect(await db.getRepository(ScriptVerdictEntity).count()).toBe(100);
  });

  it('are forgotten without a look at those that stay', async () => {
    for (let batch = 0; batch < 5; batch += 1) await recordScriptVerdicts(db, 1, txids(2_000));
    await db.transaction(async (manager) => {
      // The server counts for a connection, and hands on what it counted once a second at most: earlier reads may still be among these.
      const countReads = async (): Promise<number> => {
        const [read] = await manager.query<{ rows: number }[]>(
          `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_xact_user_tables where relname = 'script_verdict'`,
        );
        return read?.rows ?? 0;
      };
      const before = await countReads();
      expect(await pruneScriptVerdicts(manager, 9_990)).toBe(10);
      const reads = (await countReads()) - before;
      expect(reads).toBeGreaterThanOrEqual(10);
      expect(reads).toBeLessThan(100);
    });
  });

  it.each(['rules = 2', `txid = decode(repeat('00', 32), 'hex')`])(
    'cannot be changed by the application: %s',
    async (change) => {
      await recordScriptVerdicts(db, 1, txids(1));
      await expect(db.query(`update portcullis.script_verdict set ${change}`)).rejects.toThrow(/permission denied/);
    },
  );

  it('refuse what is no txid', async () => {
    await expect(recordScriptVerdicts(db, 1, [randomBytes(31)])).rejects.toThrow(/check constraint/);
  });
});
