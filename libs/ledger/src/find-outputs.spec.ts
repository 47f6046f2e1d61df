import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, randomOutpoint } from '#testkit';
import type { PlainPlan, PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import { findOutputsByKeys } from './find-outputs';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(() => database.drop());

const commit = async (plan: PlainPlan): Promise<PlainTransaction> => {
  expect(await commitTransition(db, planPlainCommit(plan))).toMatchObject({ ok: true });
  return plan.subject;
};
const keyOf = ({ txid }: PlainTransaction): string => `document:${txid}`;

describe('findOutputsByKeys', () => {
  it('fills its limit past outputs that were spent where the topic saw nothing', async () => {
    const subject = await commit({ subject: buildPlainTransaction([randomOutpoint()], [1, 2, 3, 4]) });
    for (const vout of [0, 1, 2])
      await commit({ subject: buildPlainTransaction([outpointOf(subject, vout)]), topic: 'tm_other' });
    for (const limit of [1, 2, 10]) {
      const found = await findOutputsByKeys(db, 'tm_test', [keyOf(subject)], limit);
      expect(found.map(({ vout }) => vout)).toEqual([3]);
    }
  });

  it('answers several keys in one order, each output once, no more than the limit', async () => {
    const one = await commit({ subject: buildPlainTransaction([randomOutpoint()], [1, 2]) });
    const two = await commit({ subject: buildPlainTransaction([randomOutpoint()], [1, 2]) });
    const keys = [keyOf(two), keyOf(one), keyOf(two)];
    const found = await findOutputsByKeys(db, 'tm_test', keys, 10);
    expect(new Set(found.map(({ outpoint }) => outpoint.toString())).size).toBe(4);
    expect(found).toHaveLength(4);
    const wire = found.map(({ txid, vout }) => Buffer.from(txid, 'hex').reverse().toString('hex') + String(vout));
    expect(wire).toEqual([...wire].sort());
    for (const limit of [1, 2, 3]) {
      expect(await findOutputsByKeys(db, 'tm_test', keys, limit)).toEqual(found.slice(0, limit));
    }
  });
});
