import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, randomOutpoint } from '#testkit';
import type { PlainTransaction, TestDatabase } from '#testkit';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { retractTransition } from './retract-transition';

/** As many as one BEEF may bring. */
const DEPENDANTS = 1_000;
/** What `src/database` gives every statement (RELIABILITY §8). */
const STATEMENT_MS_MAX = 2_000;

describe('retracting a ladder', () => {
  let database: TestDatabase;
  beforeAll(async () => (database = await createTestDatabase()), 90_000);
  afterAll(() => database.drop());

  // Each rung spends the two before it, so the ways from the root to a rung are as many as Fibonacci's numbers and their lengths all differ. A
  // refused root whose retraction runs out of time would stay applied for ever.
  it('takes each rung once, however many ways lead there', async () => {
    const root = buildPlainTransaction([randomOutpoint()], [1, 1]);
    const ladder: PlainTransaction[] = [root];
    while (ladder.length <= DEPENDANTS) {
      const [above, last] = ladder.slice(-2) as [PlainTransaction, PlainTransaction?];
      const parents = last === undefined ? [outpointOf(above)] : [outpointOf(above, 1), outpointOf(last)];
      ladder.push(buildPlainTransaction(parents, [1, 1]));
    }
    const top = ladder.at(-1) as PlainTransaction;
    for (const plan of [{ subject: root }, { subject: top, ancestors: ladder.slice(0, -1) }]) {
      expect((await commitTransition(database.dataSource, planPlainCommit(plan))).ok).toBe(true);
    }
    await database.dataSource.transaction(async (manager) => {
      await manager.query(`set local statement_timeout = ${STATEMENT_MS_MAX}`);
      const retracted = await retractTransition(manager, root.txid, 'double spent');
      expect(retracted).toEqual(ladder.map(({ txid }) => txid).reverse());
    });
    expect((await fsck(database.dataSource)).filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);
});
