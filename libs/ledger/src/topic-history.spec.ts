import type { Outpoint } from '#atomic-core';
import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, randomOutpoint } from '#testkit';
import type { PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import { evictOutput } from './evict-output';
import { listHistory, listReleasedHistory } from './list-history';
import { retractTransition } from './retract-transition';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(() => database.drop());

const TOPIC = 'tm_test';
interface Applied extends PlainTransaction {
  readonly position: number;
}
const apply = async (
  coins: readonly { readonly of: PlainTransaction; readonly vout?: number; readonly retain: boolean }[],
  outputs = 1,
): Promise<Applied> => {
  const spends = coins.length > 0 ? coins.map(({ of, vout }) => outpointOf(of, vout)) : [randomOutpoint()];
  const subject = buildPlainTransaction(spends, Array<number>(outputs).fill(100));
  const plan = planPlainCommit({
    subject,
    ancestors: coins.map(({ of }) => of),
    coins: coins.map(({ of, vout = 0, retain }) => ({ txid: of.txid, vout, retain })),
  });
  const committed = await commitTransition(db, plan);
  if (!committed.ok) throw new Error(committed.rejection.detail);
  return { ...subject, position: committed.value.leafIndex };
};
const released = (coins: readonly Outpoint[], { position }: Applied, page: { limit?: number; skip?: number } = {}) =>
  listReleasedHistory(db, TOPIC, coins, { position, limit: 100, ...page });

describe('the history of an output', () => {
  it('is the retained coins of its transaction, one level, without what was evicted', async () => {
    const [first, second, third] = [await apply([]), await apply([]), await apply([])];
    const child = await apply([
      { of: first, retain: true },
      { of: second, retain: false },
      { of: third, retain: true },
    ]);
    const history = async () => (await listHistory(db, TOPIC, outpointOf(child))).map(({ txid }) => txid);
    expect((await history()).sort()).toEqual([first.txid, third.txid].sort());
    expect(await listHistory(db, 'tm_other', outpointOf(child))).toEqual([]);
    const by = { organisation: 'acme', identityKey: 'k', requestId: 'r' };
    await evictOutput(db, { outpoint: outpointOf(first), reason: 'unlawful', ...by });
    expect(await history()).toEqual([third.txid]);
  });
});

describe('the history that a removal releases', () => {
  it('goes back to the first, nearest first, in pages, and the same whenever it is read', async () => {
    let tip = await apply([]);
    const chain = [tip];
    for (let length = 1; length < 6; length += 1) {
      tip = await apply([{ of: tip, retain: true }]);
      chain.push(tip);
    }
    const last = await apply([{ of: tip, retain: false }]);
    const expected = chain
      .slice(0, -1)
      .reverse()
      .map((each) => outpointOf(each));
    const removed = [outpointOf(tip)];
    expect(await released(removed, last)).toEqual(expected);
    expect(await released(removed, last, { limit: 2 })).toEqual(expected.slice(0, 2));
    expect(await released(removed, last, { limit: 2, skip: 2 })).toEqual(expected.slice(2, 4));
    expect(await released(removed, last, { limit: 2, skip: 5 })).toEqual([]);
    expect(await released(removed, { ...last, position: last.position - 1 })).toEqual([]);
    await apply([{ of: last, retain: false }]);
    expect(await released(removed, last)).toEqual(expected);
  });

  it('waits for the last output of a transaction, and comes with that event alone', async () => {
    const root = await apply([]);
    const fork = await apply([{ of: root, retain: true }], 2);
    const one = await apply([{ of: fork, vout: 0, retain: false }]);
    const two = await apply([{ of: fork, vout: 1, retain: false }]);
    expect(await released([outpointOf(fork, 0)], one)).toEqual([]);
    expect(await released([outpointOf(fork, 1)], two)).toEqual([outpointOf(root)]);
  });

  it('comes once when one event removes two outputs of a transaction', async () => {
    const root = await apply([]);
    const fork = await apply([{ of: root, retain: true }], 2);
    const both = await apply([
      { of: fork, vout: 0, retain: false },
      { of: fork, vout: 1, retain: false },
    ]);
    expect(await released([outpointOf(fork, 0), outpointOf(fork, 1)], both)).toEqual([outpointOf(root)]);
  });

  it('waits for every branch that a retained output leads to', async () => {
    const root = await apply([]);
    const fork = await apply([{ of: root, retain: true }], 2);
    const left = await apply([{ of: fork, vout: 0, retain: true }]);
    const right = await apply([{ of: fork, vout: 1, retain: true }]);
    const afterLeft = await apply([{ of: left, retain: false }]);
    expect(await released([outpointOf(left)], afterLeft)).toEqual([outpointOf(fork, 0)]);
    const afterRight = await apply([{ of: right, retain: false }]);
    expect(await released([outpointOf(right)], afterRight)).toEqual([outpointOf(fork, 1), outpointOf(root)]);
    expect(await released([outpointOf(left)], afterLeft)).toEqual([outpointOf(fork, 0)]);
  });

  it('is both branches and their root when one event removes the ends of both', async () => {
    const root = await apply([]);
    const fork = await apply([{ of: root, retain: true }], 2);
    const left = await apply([{ of: fork, vout: 0, retain: true }]);
    const right = await apply([{ of: fork, vout: 1, retain: true }]);
    const join = await apply([
      { of: left, retain: false },
      { of: right, retain: false },
    ]);
    const told = await released([outpointOf(left), outpointOf(right)], join);
    expect(told.at(-1)).toEqual(outpointOf(root));
    expect(told).toHaveLength(3);
  });

  it('is nothing once the removal is taken back', async () => {
    const root = await apply([]);
    const child = await apply([{ of: root, retain: true }]);
    const last = await apply([{ of: child, retain: false }]);
    await retractTransition(db, last.txid, 'refused');
    expect(await released([outpointOf(child)], last)).toEqual([]);
  });
});
