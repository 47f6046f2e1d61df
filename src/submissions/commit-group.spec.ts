import type { CommitInput, Database } from '#ledger';
import {
  buildPlainTransaction,
  createTestDatabase,
  planPlainCommit,
  randomOutpoint,
  type TestDatabase,
} from '#testkit';
import { commitGroup, type CommitEnd } from './commit-group';

jest.setTimeout(60_000);

const fresh = (): CommitInput => planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]) });
const codeOf = (end: CommitEnd): string => {
  if (end.status === 'rejected') return (end.reason as Error).message;
  return end.value.ok ? end.value.value.kind : end.value.rejection.code;
};
const sqlError = (code: string): Error => Object.assign(new Error(code), { code });
const lost = (): Error => new Error('Connection terminated unexpectedly');

describe('a group of COMMITs', () => {
  let database: TestDatabase;
  let statements: string[];
  const faults: unknown[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(() => {
    statements = [];
    faults.length = 0;
  });
  afterAll(() => database.drop());

  /** The real database, but that the statement in each place of `failures` fails before it gets there. */
  const failing = (failures: readonly (Error | undefined)[] = []): Database => ({
    query: (sql, parameters) => {
      const failure = failures[statements.length];
      statements.push(/commit_transitions?/u.exec(sql)?.[0] ?? sql);
      return failure === undefined ? database.dataSource.query(sql, parameters) : Promise.reject(failure);
    },
    getRepository: (entity) => database.dataSource.getRepository(entity),
  });
  const commit = async (inputs: readonly CommitInput[], failures?: readonly (Error | undefined)[]): Promise<string[]> =>
    (await commitGroup(failing(failures), inputs, (error) => faults.push(error))).map(codeOf);

  it('is one statement, and a single COMMIT where it is one alone', async () => {
    expect(await commit([fresh(), fresh(), fresh()])).toEqual(['applied', 'applied', 'applied']);
    expect(await commit([fresh()])).toEqual(['applied']);
    expect(statements).toEqual(['commit_transitions', 'commit_transition']);
  });

  it('is tried one by one when it had no time or failed, and a fault is told', async () => {
    for (const failure of [sqlError('57014'), sqlError('55P03'), sqlError('XX000')]) {
      statements = [];
      expect(await commit([fresh(), fresh()], [failure])).toEqual(['applied', 'applied']);
      expect(statements).toEqual(['commit_transitions', 'commit_transition', 'commit_transition']);
    }
    expect(faults).toEqual([expect.objectContaining({ code: 'XX000' })]);
  });

  it('refuses alone what holds a text that cannot be stored', async () => {
    const bad = fresh();
    const unstorable = { ...bad, receipt: { ...bad.receipt, note: 'NUL \u0000' } };
    expect(await commit([fresh(), unstorable, fresh()])).toEqual(['applied', 'request-malformed', 'applied']);
  });

  it('leaves a fault to the one that has it', async () => {
    const ends = await commit([fresh(), fresh(), fresh()], [sqlError('XX000'), undefined, sqlError('XX001')]);
    expect(ends).toEqual(['applied', 'XX001', 'applied']);
  });

  it('throws where the connection was lost, for nobody knows what became of it', async () => {
    await expect(commit([fresh(), fresh()], [lost()])).rejects.toThrow('terminated');
    expect(statements).toEqual(['commit_transitions']);
  });

  it('asks no second time for the same outage', async () => {
    const times = [sqlError('57014'), undefined, sqlError('57014')];
    expect(await commit([fresh(), fresh(), fresh(), fresh()], times)).toEqual([
      'applied',
      ...Array.from({ length: 3 }, () => 'database-unavailable'),
    ]);
    expect(statements).toHaveLength(3);
    statements = [];
    const broken = await commit([fresh(), fresh(), fresh()], [sqlError('57014'), lost()]);
    expect(broken).toEqual(Array.from({ length: 3 }, () => 'Connection terminated unexpectedly'));
    expect(statements).toHaveLength(2);
  });
});
