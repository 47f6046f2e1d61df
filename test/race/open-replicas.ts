import { fsck } from '#ledger';
import { createTestDatabase, type TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';

/**
 * Two replicas for the tests of one file: a pool of connections each, over one ledger, there from `beforeAll` on. Whatever is played, in the end `fsck` finds nothing
 * and PostgreSQL has had no deadlock to end.
 */
export const openReplicas = (): readonly [DataSource, DataSource] => {
  const pools: DataSource[] = [];
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    pools.push(database.dataSource, await database.openPool());
  }, 90_000);
  afterAll(async () => {
    const broken = (await fsck(database.dataSource)).filter(({ ok }) => !ok);
    const [{ deadlocks }] = await database.owner.query(
      'select deadlocks::int from pg_stat_database where datname = current_database()',
    );
    await database.drop();
    expect({ broken, deadlocks }).toEqual({ broken: [], deadlocks: 0 });
  });
  return pools as unknown as readonly [DataSource, DataSource];
};
