import { EMPTY_TOPIC_DIGEST, digestTopic } from '#atomic-core';
import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, randomOutpoint } from '#testkit';
import type { PlainPlan, PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { retractTransition } from './retract-transition';
import { findEventTip, listTopicEvents } from './topic-events';
import { listTopicOutputs } from './topic-outputs';
import { findTopicState } from './topic-states';
import type { TopicState } from './topic-states';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(async () => {
  const broken = (await fsck(db)).filter(({ ok }) => !ok);
  await database.drop();
  expect(broken).toEqual([]);
});

const TOPIC = 'tm_test';
const commit = async (plan: PlainPlan): Promise<{ subject: PlainTransaction; leafIndex: number }> => {
  const committed = await commitTransition(db, planPlainCommit(plan));
  if (!committed.ok) throw new Error(`${committed.rejection.code}: ${committed.rejection.detail}`);
  return { subject: plan.subject, leafIndex: committed.value.leafIndex };
};
const issue = (satoshis: readonly number[] = [1_000]) =>
  commit({ subject: buildPlainTransaction([randomOutpoint()], satoshis) });
const spend = (parent: PlainTransaction, retain: boolean, vout = 0) =>
  commit({
    subject: buildPlainTransaction([outpointOf(parent, vout)]),
    ancestors: [parent],
    coins: [{ txid: parent.txid, vout, retain }],
  });
const readState = async (topic = TOPIC): Promise<TopicState> => {
  const state = await findTopicState(db, topic);
  if (state === undefined) throw new Error('no state');
  return state;
};
/** The core's digest of what the topic lists. */
const recompute = async (topic = TOPIC): Promise<string> => {
  const held = [
    ...(await listTopicOutputs(db, topic, { state: 'unspent', limit: 100_000 })),
    ...(await listTopicOutputs(db, topic, { state: 'retained', limit: 100_000 })),
  ];
  return digestTopic(topic, held);
};

describe('the state of a topic', () => {
  it('counts what was admitted, spent and retained, and its digest is that of the core', async () => {
    const { subject: parent } = await issue([700, 300]);
    const { subject: child, leafIndex } = await spend(parent, true);
    const state = await readState();
    expect(state).toMatchObject({ admitted: 3, unspent: 2, retained: 1, satoshis: 1_300, transitions: 2 });
    expect(state.tip).toMatchObject({ position: leafIndex, txid: child.txid });
    expect(state.digest).toBe(await recompute());
  });

  it('is what it was once a transition is taken back', async () => {
    const { subject: parent } = await issue();
    const before = await readState();
    const { subject: child } = await spend(parent, true);
    await spend(child, false);
    expect((await readState()).digest).not.toBe(before.digest);
    await retractTransition(db, child.txid, 'refused');
    expect(await readState()).toEqual({ ...before, tip: (await readState()).tip });
    await retractTransition(db, parent.txid, 'refused');
    expect((await readState()).digest).toBe(await recompute());
  });

  it('is that of an empty topic when all is taken back', async () => {
    const { subject } = await commit({ subject: buildPlainTransaction([randomOutpoint()]), topic: 'tm_empty' });
    await retractTransition(db, subject.txid, 'refused');
    expect(await readState('tm_empty')).toMatchObject({ admitted: 0, unspent: 0, digest: EMPTY_TOPIC_DIGEST });
    expect(await findTopicState(db, 'tm_never')).toBeUndefined();
  });
});

describe('the events of a topic', () => {
  it('stand at the leaves of what they tell, dependants first when they are taken back', async () => {
    const after = await findEventTip(db);
    const { subject: parent, leafIndex } = await issue([700, 300]);
    const { subject: child, leafIndex: next } = await spend(parent, true);
    await retractTransition(db, parent.txid, 'refused');
    const coin = { txid: parent.txid, vout: 0, retained: true };
    expect(await listTopicEvents(db, { topic: TOPIC, after, limit: 10 })).toMatchObject([
      { position: leafIndex, kind: 'applied', txid: parent.txid, admitted: [0, 1], spent: [] },
      { position: next, kind: 'applied', txid: child.txid, admitted: [0], spent: [coin] },
      { position: next + 1, kind: 'retracted', txid: child.txid, admitted: [0], spent: [coin] },
      { position: next + 2, kind: 'retracted', txid: parent.txid, admitted: [0, 1], spent: [] },
    ]);
    expect(await findEventTip(db, TOPIC)).toBe(next + 2);
    expect(await findEventTip(db, 'tm_never')).toBe(-1);
  });
});
