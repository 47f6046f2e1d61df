import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, randomOutpoint } from '#testkit';
import type { PlainPlan, PlainTransaction, TestDatabase } from '#testkit';
import { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { migrations } from './migrations';
import { CreateTopicState1763700011000 } from './migrations/1763700011000-create-topic-state';
import { retractTransition } from './retract-transition';
import { listTopicEvents } from './topic-events';
import { listTopicStates } from './topic-states';

const SCHEMA = 'portcullis';
let database: TestDatabase;
let db: DataSource;

const migrate = async (until: number): Promise<void> => {
  const dataSource = await new DataSource({
    type: 'postgres',
    schema: SCHEMA,
    migrations: migrations.slice(0, until),
    migrationsTableName: 'migration',
    extra: { connectionString: database.url },
  }).initialize();
  await dataSource.runMigrations({ transaction: 'each' }).finally(() => dataSource.destroy());
};

/** An empty database of our own, migrated to the schema before topics had a state. */
beforeAll(async () => {
  database = await createTestDatabase();
  await database.owner.query(`drop schema ${SCHEMA} cascade; create schema ${SCHEMA}`);
  await migrate(migrations.indexOf(CreateTopicState1763700011000));
  db = database.dataSource;
}, 90_000);
afterAll(() => database.drop());

const commit = async (plan: PlainPlan): Promise<PlainTransaction> => {
  const committed = await commitTransition(db, planPlainCommit(plan));
  if (!committed.ok) throw new Error(`${committed.rejection.code}: ${committed.rejection.detail}`);
  return plan.subject;
};
const spend = (parent: PlainTransaction, retain: boolean): Promise<PlainTransaction> =>
  commit({
    subject: buildPlainTransaction([outpointOf(parent)]),
    ancestors: [parent],
    coins: [{ txid: parent.txid, vout: 0, retain }],
  });

describe('a ledger that is older than the states of its topics', () => {
  it('has them, and the events of what is live, once it is migrated, and goes on from there', async () => {
    const first = await commit({ subject: buildPlainTransaction([randomOutpoint()], [5, 7]) });
    const retained = await spend(first, true);
    const removed = await spend(retained, false);
    await commit({ subject: first, topic: 'tm_second' });
    const late = buildPlainTransaction([randomOutpoint()]);
    const early = await commit({ subject: buildPlainTransaction([outpointOf(late)]), ancestors: [late] });
    await commit({ subject: late });
    const refused = await spend(removed, true);
    await retractTransition(db, refused.txid, 'refused');
    const emptied = await commit({ subject: buildPlainTransaction([randomOutpoint()]), topic: 'tm_emptied' });
    await retractTransition(db, emptied.txid, 'refused');

    await migrate(migrations.length);
    const clean = async () => (await fsck(db)).filter(({ ok }) => !ok);
    expect(await clean()).toEqual([]);
    expect(await listTopicStates(db)).toMatchObject([
      { topic: 'tm_second', admitted: 2, unspent: 2, retained: 0, satoshis: 12, transitions: 1 },
      { topic: 'tm_test', admitted: 6, unspent: 3, retained: 1, satoshis: 2_007, transitions: 5 },
    ]);
    const told = await listTopicEvents(db, { topic: 'tm_test', after: -1, limit: 10 });
    expect(told).toMatchObject([
      { kind: 'applied', txid: first.txid, admitted: [0, 1], spent: [] },
      { kind: 'applied', txid: retained.txid, spent: [{ txid: first.txid, vout: 0, retained: true }] },
      { kind: 'applied', txid: removed.txid, spent: [{ txid: retained.txid, vout: 0, retained: false }] },
      { kind: 'applied', txid: early.txid, spent: [] },
      { kind: 'applied', txid: late.txid, admitted: [0], spent: [{ txid: late.txid, spender: early.txid }] },
    ]);

    await spend(removed, true);
    expect(await retractTransition(db, first.txid, 'refused')).toHaveLength(4);
    expect(await clean()).toEqual([]);
  }, 60_000);
});

describe('the role of the application', () => {
  it.each([
    `update portcullis.topic_event set kind = 'evicted'`,
    'delete from portcullis.topic_event',
    'truncate portcullis.topic_event',
    `update portcullis.audited_act set ref = ''`,
    'delete from portcullis.audited_act',
    'delete from portcullis.topic_state',
    `create or replace function portcullis.told_since() returns bigint language sql as 'select 9'`,
  ])('gives the application no way to: %s', async (statement) => {
    await expect(db.query(statement)).rejects.toThrow(/permission denied|must be owner/);
  });
});
