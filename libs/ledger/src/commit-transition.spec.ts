import { makeOutpoint, sha256 } from '#atomic-core';
import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, randomOutpoint } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import { listBasketOutputs } from './basket-outputs';
import { findCoins, findOutputsByKeys } from './find-outputs';
import { findReplay, findTransition, listSettlementEvents } from './find-transition';
import { findGraph } from './find-graph';
import { fsck } from './fsck';
import { retractTransition } from './retract-transition';

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

const countRows = async (): Promise<unknown> =>
  db.query(`select (select count(*) from portcullis.transaction) x, (select count(*) from portcullis.transition) t,
    (select count(*) from portcullis.spent_outpoint) s, (select count(*) from portcullis.audit_leaf) a,
    (select count(*) from portcullis.outbox) o, (select count(*) from portcullis.payment_claim) p,
    (select count(*) from portcullis.basket_output where removed_by is null) b`);

const expectRefusal = async (work: () => Promise<unknown>, code: string, detail?: string): Promise<void> => {
  const before = await countRows();
  const detailed = detail === undefined ? expect.any(String) : expect.stringContaining(detail);
  expect(await work()).toEqual({ ok: false, rejection: { code, detail: detailed } });
  expect(await countRows()).toEqual(before);
};

const issue = async (satoshis = [1_000]) => {
  const subject = buildPlainTransaction([randomOutpoint()], satoshis);
  const input = planPlainCommit({ subject });
  const committed = await commitTransition(db, input);
  if (!committed.ok) throw new Error(committed.rejection.detail);
  return { subject, input, outcome: committed.value };
};

describe('commitTransition', () => {
  it('applies a transition whole: outputs, basket, history, outbox, leaf and receipt', async () => {
    const { subject, input, outcome } = await issue([700, 300]);
    expect(outcome).toMatchObject({ kind: 'applied', transitionId: input.transition.id });
    expect(outcome.receipt).toEqual({ ...input.receipt, auditLeaf: outcome.leafIndex, basketsRemoved: [] });
    const found = await findOutputsByKeys(db, 'tm_test', [`document:${subject.txid}`], 10);
    expect(found.map(({ vout, satoshis }) => [vout, satoshis])).toEqual([
      [0, 700],
      [1, 300],
    ]);
    expect(found[0]?.lockingScript).toEqual(subject.outputs[0]?.lockingScript);
    expect(await findTransition(db, 'acme', subject.txid)).toMatchObject({
      settlement: 'applied',
      leafIndex: outcome.leafIndex,
      receipt: outcome.receipt,
      topics: ['tm_test'],
      payment: undefined,
      proof: undefined,
    });
    const history = await listSettlementEvents(db, 'acme', input.transition.id);
    expect(history.map(({ seq, settlement }) => [seq, settlement])).toEqual([[0, 'applied']]);
  });

  it('is absent to another organisation, by id as by txid', async () => {
    const { subject, input } = await issue();
    expect(await findTransition(db, 'other', subject.txid)).toBeUndefined();
    expect(await findTransition(db, 'other', input.transition.id)).toBeUndefined();
    expect(await findTransition(db, 'acme', input.transition.id)).toBeDefined();
  });

  it('answers the same request again with the first receipt and changes nothing', async () => {
    const { input, outcome } = await issue();
    const before = await countRows();
    const again = await commitTransition(db, {
      ...input,
      transition: { ...input.transition, id: crypto.randomUUID() },
    });
    expect(again).toEqual({ ok: true, value: { ...outcome, kind: 'replayed' } });
    expect(await countRows()).toEqual(before);
    const { organisation, requestKey, requestDigest } = input.transition;
    expect(await findReplay(db, organisation, requestKey, requestDigest)).toEqual({ ok: true, value: outcome.receipt });
    expect(await findReplay(db, organisation, 'free', requestDigest)).toEqual({ ok: true, value: undefined });
    expect(await findReplay(db, organisation, requestKey, sha256(Buffer.of(1)))).toMatchObject({ ok: false });
  });

  it('refuses another request under the same key', async () => {
    const { input } = await issue();
    const other = planPlainCommit({
      subject: buildPlainTransaction([randomOutpoint()]),
      requestKey: input.transition.requestKey,
    });
    await expectRefusal(() => commitTransition(db, other), 'idempotency-conflict');
  });

  it('refuses a transaction that another request applied to the topic, and admits it to another topic', async () => {
    const { subject } = await issue();
    await expectRefusal(() => commitTransition(db, planPlainCommit({ subject })), 'already-applied', 'tm_test');
    const elsewhere = planPlainCommit({ subject, topic: 'tm_other' });
    expect(await commitTransition(db, elsewhere)).toMatchObject({ ok: true });
  });

  it('refuses a second spender and names the first', async () => {
    const outpoint = randomOutpoint();
    const winner = buildPlainTransaction([outpoint]);
    expect(await commitTransition(db, planPlainCommit({ subject: winner }))).toMatchObject({ ok: true });
    const loser = planPlainCommit({ subject: buildPlainTransaction([randomOutpoint(), outpoint]) });
    await expectRefusal(() => commitTransition(db, loser), 'outpoint-spent', winner.txid);
  });

  it('refuses two transactions of one graph that spend one outpoint', async () => {
    const outpoint = randomOutpoint();
    const ancestor = buildPlainTransaction([outpoint]);
    const subject = buildPlainTransaction([outpointOf(ancestor), outpoint]);
    await expectRefusal(
      () => commitTransition(db, planPlainCommit({ subject, ancestors: [ancestor] })),
      'outpoint-spent',
    );
  });

  it('spends coins, empties the basket and reports what left it', async () => {
    const { subject: parent } = await issue([1_000]);
    expect(await findCoins(db, 'tm_test', [randomOutpoint(), outpointOf(parent)])).toMatchObject([
      { inputIndex: 1, txid: parent.txid, vout: 0, satoshis: 1_000 },
    ]);
    const subject = buildPlainTransaction([outpointOf(parent)], [900]);
    const input = planPlainCommit({
      subject,
      ancestors: [parent],
      coins: [{ txid: parent.txid, vout: 0, retain: false }],
    });
    const committed = await commitTransition(db, input);
    expect(committed).toMatchObject({
      ok: true,
      value: { receipt: { basketsRemoved: [{ basket: 'goods', outpoint: `${parent.txid}.0` }] } },
    });
    expect(await findCoins(db, 'tm_test', [outpointOf(parent)])).toEqual([]);
    expect((await findGraph(db, subject.txid)).map(({ txid }) => txid)).toEqual([parent.txid, subject.txid]);
  });

  it("keeps another organisation's basket out of the receipt and yet empties it", async () => {
    const { subject: parent } = await issue();
    const subject = buildPlainTransaction([outpointOf(parent)]);
    const coins = [{ txid: parent.txid, vout: 0, retain: false }];
    const input = planPlainCommit({ subject, ancestors: [parent], coins, organisation: 'other' });
    expect(await commitTransition(db, input)).toMatchObject({ ok: true, value: { receipt: { basketsRemoved: [] } } });
    const { outputs: left } = await listBasketOutputs(db, 'acme', 'goods', { limit: 1_000 });
    expect(left.map(({ txid }) => txid)).not.toContain(parent.txid);
  });

  it('asks for a new plan when a coin is missing from it or is no longer there', async () => {
    const { subject: parent } = await issue();
    const subject = buildPlainTransaction([outpointOf(parent)]);
    await expectRefusal(() => commitTransition(db, planPlainCommit({ subject, ancestors: [parent] })), 'coins-changed');
    const stranger = buildPlainTransaction([randomOutpoint()]);
    const coins = [{ txid: stranger.txid, vout: 0, retain: false }];
    const unknown = planPlainCommit({
      subject: buildPlainTransaction([outpointOf(stranger)]),
      ancestors: [stranger],
      coins,
    });
    await expectRefusal(() => commitTransition(db, unknown), 'coins-changed');
  });

  it('admits a parent after its child, spent where the child was judged', async () => {
    const parent = buildPlainTransaction([randomOutpoint()]);
    const child = buildPlainTransaction([outpointOf(parent)]);
    expect(await commitTransition(db, planPlainCommit({ subject: child, ancestors: [parent] }))).toMatchObject({
      ok: true,
    });
    expect(await commitTransition(db, planPlainCommit({ subject: parent }))).toMatchObject({ ok: true });
    expect(await findCoins(db, 'tm_test', [outpointOf(parent)])).toEqual([]);
  });

  it('refuses a descendant of what the network refused', async () => {
    const { subject: parent } = await issue();
    expect(await retractTransition(db, parent.txid, 'test')).toEqual([parent.txid]);
    const child = buildPlainTransaction([outpointOf(parent)]);
    const input = planPlainCommit({ subject: child, ancestors: [parent] });
    await expectRefusal(() => commitTransition(db, input), 'parent-retracted', parent.txid);
    await expectRefusal(() => commitTransition(db, planPlainCommit({ subject: parent })), 'parent-retracted');
  });

  it('refuses a text that cannot be stored instead of failing', async () => {
    const input = planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]) });
    const [topic] = input.topics;
    if (!topic) throw new Error('no topic');
    for (const key of ['\0', '\ud800']) {
      const admit = topic.admit.map((output) => ({ ...output, lookupKeys: [key] }));
      await expectRefusal(() => commitTransition(db, { ...input, topics: [{ ...topic, admit }] }), 'request-malformed');
    }
  });

  it('holds an output beyond 2^31 apart from one below', async () => {
    const far = makeOutpoint(buildPlainTransaction([randomOutpoint()]).txid, 0x8000_0001);
    const near = buildPlainTransaction([far]);
    expect(await commitTransition(db, planPlainCommit({ subject: near }))).toMatchObject({ ok: true });
    await expectRefusal(
      () => commitTransition(db, planPlainCommit({ subject: buildPlainTransaction([far]) })),
      'outpoint-spent',
      `.2147483649`,
    );
  });
});
