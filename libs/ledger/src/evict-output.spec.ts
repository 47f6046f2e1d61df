import { decodeLeaf } from '#atomic-core';
import type { Outpoint } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  planPlainCommit,
  plainBump,
  plantBlock,
  randomOutpoint,
} from '#testkit';
import type { PlainPlan, PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import { evictOutput } from './evict-output';
import { findCoins, findOutputsByKeys } from './find-outputs';
import { fsck } from './fsck';
import { retractTransition } from './retract-transition';
import { findEventTip, listTopicEvents } from './topic-events';
import { findTopicOutput, listTopicOutputs } from './topic-outputs';
import { findTopicState } from './topic-states';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterEach(async () => {
  expect((await fsck(db)).filter(({ ok }) => !ok)).toEqual([]);
});
afterAll(() => database.drop());

const TOPIC = 'tm_test';
const by = { organisation: 'acme', identityKey: 'key of acme', requestId: 'r', reason: 'unlawful' };
const commit = async (plan: PlainPlan): Promise<PlainTransaction> => {
  const committed = await commitTransition(db, planPlainCommit(plan));
  if (!committed.ok) throw new Error(`${committed.rejection.code}: ${committed.rejection.detail}`);
  return plan.subject;
};
const issue = (over: Partial<PlainPlan> = {}) =>
  commit({ subject: buildPlainTransaction([randomOutpoint()]), ...over });
const shown = async (outpoint: Outpoint, subject: PlainTransaction, topic = TOPIC): Promise<number> => {
  const lists = [
    await findOutputsByKeys(db, topic, [`document:${subject.txid}`], 10),
    await listTopicOutputs(db, topic, { state: 'all', txid: subject.txid, limit: 10 }),
    await listTopicOutputs(db, topic, { state: 'unspent', key: `document:${subject.txid}`, limit: 10 }),
  ];
  return lists.flat().filter((output) => output.outpoint.toString() === outpoint.toString()).length;
};

describe('an eviction', () => {
  it('takes an output out of every answer, with a leaf and an event of its own', async () => {
    const subject = await issue({ subject: buildPlainTransaction([randomOutpoint()], [1, 2]) });
    const outpoint = outpointOf(subject, 1);
    expect(await shown(outpoint, subject)).toBe(3);
    const after = await findEventTip(db);
    const evicted = await evictOutput(db, { ...by, outpoint });
    expect(evicted).toEqual({ ok: true, value: { topics: [TOPIC], leafIndex: after + 1 } });
    expect(await shown(outpoint, subject)).toBe(0);
    expect(await shown(outpointOf(subject, 0), subject)).toBe(3);
    expect(await listTopicEvents(db, { topic: TOPIC, after, limit: 5 })).toMatchObject([
      { kind: 'evicted', position: after + 1, txid: subject.txid, admitted: [1], spent: [] },
    ]);
    expect(await findTopicOutput(db, TOPIC, outpoint)).toMatchObject({
      retracted: false,
      evicted: { leafIndex: after + 1, reason: 'unlawful' },
    });
    const [row] = await db.query<{ leaf: Buffer }[]>('select leaf from portcullis.audit_leaf where index = $1', [
      after + 1,
    ]);
    expect(row && decodeLeaf(row.leaf)).toMatchObject({ decision: 'evicted', subject: `${subject.txid}.1` });
  });

  it('changes nothing the second time, and is refused for what no topic holds', async () => {
    const outpoint = outpointOf(await issue());
    await evictOutput(db, { ...by, outpoint });
    const tip = await findEventTip(db);
    expect(await evictOutput(db, { ...by, outpoint })).toEqual({ ok: true, value: { topics: [] } });
    expect(await findEventTip(db)).toBe(tip);
    const unknown = [{ outpoint: randomOutpoint() }, { outpoint, topic: 'tm_other' }];
    for (const each of unknown)
      expect(await evictOutput(db, { ...by, ...each })).toMatchObject({
        ok: false,
        rejection: { code: 'output-unknown' },
      });
  });

  it('is of one topic or of all that hold the output', async () => {
    const subject = await issue();
    const outpoint = outpointOf(subject);
    for (const topic of ['tm_other', 'tm_third']) await commit({ subject, topic });
    expect(await evictOutput(db, { ...by, outpoint, topic: 'tm_other' })).toMatchObject({
      value: { topics: ['tm_other'] },
    });
    expect([await shown(outpoint, subject), await shown(outpoint, subject, 'tm_other')]).toEqual([3, 0]);
    const after = await findEventTip(db);
    expect(await evictOutput(db, { ...by, outpoint })).toMatchObject({ value: { topics: [TOPIC, 'tm_third'] } });
    const events = await listTopicEvents(db, { after, limit: 1 });
    expect(events.map(({ topic, position }) => [topic, position])).toEqual([
      [TOPIC, after + 1],
      ['tm_third', after + 1],
    ]);
  });

  it('leaves the coin as it was: counted, and there to be spent', async () => {
    const subject = await issue();
    const before = await findTopicState(db, TOPIC);
    await evictOutput(db, { ...by, outpoint: outpointOf(subject) });
    expect(await findTopicState(db, TOPIC)).toEqual({ ...before, tip: expect.anything() as unknown });
    expect(await findCoins(db, TOPIC, [outpointOf(subject)])).toHaveLength(1);
    const coins = [{ txid: subject.txid, vout: 0, retain: true }];
    await commit({ subject: buildPlainTransaction([outpointOf(subject)]), ancestors: [subject], coins });
    expect(await listTopicOutputs(db, TOPIC, { state: 'retained', txid: subject.txid, limit: 5 })).toEqual([]);
  });

  it('outlives a retraction: what is admitted again is neither told nor shown', async () => {
    const subject = await issue({ subject: buildPlainTransaction([randomOutpoint()], [1, 2]) });
    const outpoint = outpointOf(subject, 0);
    await evictOutput(db, { ...by, outpoint });
    await retractTransition(db, subject.txid, 'refused');
    expect(await evictOutput(db, { ...by, outpoint })).toMatchObject({ rejection: { code: 'output-unknown' } });
    const block = await plantBlock(database.owner, 9, subject.txid);
    const after = await findEventTip(db);
    await commit({ subject: { ...subject, bump: plainBump(block) } });
    expect(await listTopicEvents(db, { topic: TOPIC, after, limit: 5 })).toMatchObject([
      { kind: 'applied', admitted: [1] },
    ]);
    expect([await shown(outpoint, subject), await shown(outpointOf(subject, 1), subject)]).toEqual([0, 3]);
  });
});
