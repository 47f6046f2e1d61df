import fc from 'fast-check';
import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, randomOutpoint } from '#testkit';
import type { PlainPlan, PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import { listBasketOutputs } from './basket-outputs';
import { findCoins } from './find-outputs';
import { findTransition, listSettlementEvents } from './find-transition';
import { fsck } from './fsck';
import { findOrCreateQuote } from './quotes';
import { retractTransition } from './retract-transition';

let database: TestDatabase;
let db: DataSource;

const expectClean = async (): Promise<void> => {
  expect((await fsck(db)).filter(({ ok }) => !ok)).toEqual([]);
};

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterEach(expectClean);
afterAll(() => database.drop());

/** All that a transition may change and a retraction must change back. */
const readState = (): Promise<unknown> =>
  db.query(`select
    (select jsonb_agg(s order by s.outpoint) from portcullis.spent_outpoint s) as spends,
    (select jsonb_agg(o order by o.topic, o.txid, o.vout) from portcullis.topic_output o where not o.retracted) as outputs,
    (select jsonb_agg(b order by b.txid, b.vout) from portcullis.basket_output b where not b.retracted) as baskets,
    (select jsonb_agg(a order by a.topic, a.txid) from portcullis.applied_transaction a) as applied,
    (select jsonb_agg(m order by m.dedupe_key) from portcullis.outbox m) as outbox`);

const commit = async (plan: PlainPlan): Promise<PlainTransaction> => {
  const committed = await commitTransition(db, planPlainCommit(plan));
  if (!committed.ok) throw new Error(`${committed.rejection.code}: ${committed.rejection.detail}`);
  return plan.subject;
};
const spend = (parent: PlainTransaction, over: Partial<PlainPlan> = {}): Promise<PlainTransaction> =>
  commit({
    subject: buildPlainTransaction([outpointOf(parent)]),
    ancestors: [parent],
    coins: [{ txid: parent.txid, vout: 0, retain: false }],
    ...over,
  });

describe('retractTransition', () => {
  it('retracts dependants first, with a leaf and a step of history each', async () => {
    const parent = await commit({ subject: buildPlainTransaction([randomOutpoint()]) });
    const child = await spend(parent);
    const grandchild = await spend(child, { ancestors: [parent, child] });
    const [before] = await db.query<{ n: number }[]>('select count(*)::int as n from portcullis.audit_leaf');
    expect(await retractTransition(db, parent.txid, 'double spent')).toEqual([
      grandchild.txid,
      child.txid,
      parent.txid,
    ]);
    const [after] = await db.query<{ n: number }[]>('select count(*)::int as n from portcullis.audit_leaf');
    expect((after?.n ?? 0) - (before?.n ?? 0)).toBe(3);
    const transition = await findTransition(db, 'acme', child.txid);
    expect(transition?.settlement).toBe('retracted');
    const [, last] = await listSettlementEvents(db, 'acme', transition?.id ?? '');
    expect(last).toMatchObject({ seq: 1, settlement: 'retracted', detail: { reason: 'double spent' } });
    expect(await retractTransition(db, parent.txid, 'again')).toEqual([]);
  });

  it('gives coin and basket back to whoever comes next', async () => {
    const parent = await commit({ subject: buildPlainTransaction([randomOutpoint()]), basket: 'stock' });
    const child = await spend(parent, { basket: 'stock' });
    await retractTransition(db, child.txid, 'refused');
    expect(await findCoins(db, 'tm_test', [outpointOf(parent)])).toHaveLength(1);
    const stock = await listBasketOutputs(db, 'acme', 'stock', { limit: 10 });
    expect(stock.outputs.map(({ txid }) => txid)).toEqual([parent.txid]);
    await spend(parent);
  });

  it('retracts what stands on an ancestor that was never submitted itself', async () => {
    const ancestor = buildPlainTransaction([randomOutpoint()]);
    const child = await commit({ subject: buildPlainTransaction([outpointOf(ancestor)]), ancestors: [ancestor] });
    expect(await retractTransition(db, ancestor.txid, 'refused')).toEqual([child.txid, ancestor.txid]);
  });

  it('retracts the claim of a refused payment and leaves what it paid for', async () => {
    const payment = buildPlainTransaction([randomOutpoint()], [200]);
    const subject = buildPlainTransaction([randomOutpoint()]);
    const requestDigest = Buffer.alloc(32, 7);
    const { prefix } = await findOrCreateQuote(db, {
      prefix: 'terms',
      organisation: 'acme',
      identityKey: 'key of acme',
      requestDigest,
      method: 'POST',
      path: '/',
      satoshis: 200,
      ttlMs: 60_000,
    });
    await commit({ subject, requestDigest, payment: { transaction: payment, vout: 0, prefix } });
    expect(await retractTransition(db, payment.txid, 'double spent')).toEqual([payment.txid]);
    expect(await findTransition(db, 'acme', subject.txid)).toMatchObject({
      settlement: 'applied',
      payment: { settlement: 'retracted' },
    });
  });

  it('does nothing for a transaction that it does not know', async () => {
    expect(await retractTransition(db, buildPlainTransaction([randomOutpoint()]).txid, 'x')).toEqual([]);
  });

  it('restores exactly what was before, for any shape of what was committed (I8)', async () => {
    const shape = fc.record({
      ancestors: fc.integer({ min: 0, max: 3 }),
      outputs: fc.integer({ min: 1, max: 3 }),
      coins: fc.integer({ min: 0, max: 3 }),
      retain: fc.boolean(),
      secondTopic: fc.boolean(),
      dependants: fc.integer({ min: 0, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ ancestors, outputs, coins, retain, secondTopic, dependants }) => {
        const parents: PlainTransaction[] = [];
        while (parents.length < coins)
          parents.push(await commit({ subject: buildPlainTransaction([randomOutpoint()]) }));
        const before = await readState();

        const chain: PlainTransaction[] = [];
        while (chain.length < ancestors) {
          const last = chain.at(-1);
          chain.push(buildPlainTransaction([last ? outpointOf(last) : randomOutpoint()]));
        }
        const inputs = [...parents, ...chain.slice(-1)].map((parent) => outpointOf(parent));
        const subject = buildPlainTransaction(
          inputs.length > 0 ? inputs : [randomOutpoint()],
          Array.from({ length: outputs }, (_, vout) => 10 + vout),
        );
        const graph = [...parents, ...chain];
        await commit({ subject, ancestors: graph, coins: parents.map(({ txid }) => ({ txid, vout: 0, retain })) });
        if (secondTopic) await commit({ subject, ancestors: graph, topic: 'tm_second' });
        let last = subject;
        for (let index = 0; index < dependants; index += 1) {
          last = await spend(last, { ancestors: [...graph, subject, last] });
        }
        await expectClean();

        expect(await retractTransition(db, subject.txid, 'property')).toHaveLength(1 + dependants);
        expect(await readState()).toEqual(before);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
