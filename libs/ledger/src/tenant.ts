import type { QueryRunner } from 'typeorm';
import type { Database } from './database';

/** The client of the driver. Unlike TypeORM it takes several statements at once, when they have no parameters. */
interface Connection {
  query(sql: string): Promise<unknown>;
}

type Work<T> = (runner: QueryRunner) => Promise<T>;

/** In hex, so that no name is read as SQL. Roles and settings of the transaction: they end with it, however it ends. */
const writeContext = (organisation: string): string =>
  `select set_config('portcullis.organisation', convert_from(decode('${Buffer.from(organisation, 'utf8').toString('hex')}', 'hex'), 'UTF8'), true),
     set_config('role', 'portcullis_tenant', true)`;

/** In a transaction of its own: a connection goes back to the pool as it came. */
const runAlone = async <T>(runner: QueryRunner, organisation: string, work: Work<T>): Promise<T> => {
  const connection = (await runner.connect()) as Connection;
  try {
    await connection.query(`begin; ${writeContext(organisation)}`);
    const done = await work(runner);
    await connection.query('commit');
    return done;
  } catch (error) {
    // A connection that is gone has no transaction any more, and the pool drops it; the error that says why is the one to tell.
    await connection.query('rollback').catch(() => undefined);
    throw error;
  }
};

/** In the transaction of somebody else, which goes on as whoever it was before. After an error there is nothing to go back to: it can only be undone. */
const runWithin = async <T>(runner: QueryRunner, organisation: string, work: Work<T>): Promise<T> => {
  const before = (await runner.query(
    `select current_setting('role') as role, coalesce(current_setting('portcullis.organisation', true), '') as context`,
  )) as [{ role: string; context: string }];
  await runner.query(writeContext(organisation));
  const done = await work(runner);
  const { role, context } = before[0];
  await runner.query(`select set_config('role', $1, true), set_config('portcullis.organisation', $2, true)`, [
    role,
    context,
  ]);
  return done;
};

const runAs = async <T>(db: Database, organisation: string, work: Work<T>): Promise<T> => {
  const { queryRunner } = db;
  if (queryRunner !== undefined && !queryRunner.isReleased) {
    return (queryRunner.isTransactionActive ? runWithin : runAlone)(queryRunner, organisation, work);
  }
  const runner = db.createQueryRunner?.();
  if (runner === undefined) throw new Error('This database cannot be asked for one organisation alone.');
  try {
    return await runAlone(runner, organisation, work);
  } finally {
    await runner.release();
  }
};

/**
 * The ledger as one organisation sees it: each statement runs as `portcullis_tenant` in the context of this organisation, where row-level security shows its
 * rows alone, takes no others, and shows nothing where the context is missing. Costs two short round trips a statement; what is asked on the way of a
 * submission has doors instead (sql/tenant-doors). See ops/decisions/0048-rows-are-walled-by-the-database.md.
 */
export const tenantOf = (db: Database, organisation: string): Database => ({
  query: <T>(sql: string, parameters?: unknown[]): Promise<T> =>
    runAs(db, organisation, (runner) => runner.query(sql, parameters) as Promise<T>),
  getRepository: (entity) => ({
    find: (options) => runAs(db, organisation, ({ manager }) => manager.getRepository(entity).find(options)),
    findOneBy: (where) => runAs(db, organisation, ({ manager }) => manager.getRepository(entity).findOneBy(where)),
  }),
});
