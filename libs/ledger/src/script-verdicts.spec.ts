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

  it('are forgotten by age beyond the number to keep, a batch at a time', async () => {
    const byAge = txids(10);
    for (const [age, txid] of byAge.entries()) {
      await database.owner.query(
        `insert into portcullis.script_verdict values (1, $1, now() - $2 * interval '1 minute')`,
        [txid, age],
      );
    }
    expect(await pruneScriptVerdicts(db, 10)).toBe(0);
    expect(await pruneScriptVerdicts(db, 4, 5)).toBe(5);
    expect(await pruneScriptVerdicts(db, 4, 5)).toBe(1);
    expect(await pruneScriptVerdicts(db, 4, 5)).toBe(0);
    expect(sorted(await findScriptVerdicts(db, 1, byAge))).toEqual(sorted(byAge.slice(0, 4)));
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
