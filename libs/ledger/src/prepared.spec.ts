import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { EntityManager } from 'typeorm';
import { runRefusable, runStatement } from './database';
import { prepareStatement } from './prepared';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const listNames = async (manager: EntityManager): Promise<unknown[]> => {
  const rows = await manager.query<{ name: string }[]>('select name from pg_prepared_statements order by name');
  return rows.map(({ name }) => name);
};

describe('a prepared statement', () => {
  it('is parsed once by each connection, in a transaction and outside of one', async () => {
    const asked = prepareStatement('select $1::integer as n');
    await database.dataSource.transaction(async (manager) => {
      expect(await runStatement(manager, asked, [1])).toEqual([{ n: 1 }]);
      expect(await runStatement(manager, asked, [2])).toEqual([{ n: 2 }]);
      expect(await listNames(manager)).toEqual([asked.name]);
    });
    expect(await runStatement(database.dataSource, asked, [3])).toEqual([{ n: 3 }]);
  });

  it('has a name of its own for each text', () => {
    expect(prepareStatement('select 1').name).toBe(prepareStatement('select 1').name);
    expect(prepareStatement('select 1').name).not.toBe(prepareStatement('select 2').name);
  });

  it('sees what its transaction did and is undone with it', async () => {
    const write = prepareStatement(
      `insert into portcullis.auth_session values ($1, 'k', 'p', now(), now()) returning 1 as n`,
    );
    const count = prepareStatement('select count(*)::integer as n from portcullis.auth_session');
    await expect(
      database.dataSource.transaction(async (manager) => {
        expect(await runStatement(manager, write, ['undone'])).toEqual([{ n: 1 }]);
        expect(await runStatement(manager, count, [])).toEqual([{ n: 1 }]);
        throw new Error('undo');
      }),
    ).rejects.toThrow('undo');
    expect(await runStatement(database.dataSource, count, [])).toEqual([{ n: 0 }]);
  });

  it('answers a refusal of the ledger like any statement, and gives its connection back', async () => {
    const refuse = prepareStatement(`select portcullis.refuse('already-applied', $1::text)`);
    for (let round = 0; round < 30; round += 1) {
      expect(await runRefusable(database.dataSource, refuse, ['twice'])).toMatchObject({
        ok: false,
        rejection: { code: 'already-applied' },
      });
    }
  });

  it('is parsed again after a first attempt that its transaction did not allow', async () => {
    const asked = prepareStatement('select $1::integer + 1 as n');
    const runner = database.dataSource.createQueryRunner();
    await runner.startTransaction();
    await expect(runner.query('select 1 / 0')).rejects.toThrow();
    await expect(runStatement(runner.manager, asked, [1])).rejects.toThrow('aborted');
    await runner.rollbackTransaction();
    expect(await runStatement(runner.manager, asked, [1])).toEqual([{ n: 2 }]);
    await runner.release();
    await expect(runStatement(runner.manager, asked, [1])).rejects.toThrow('released');
  });
});
