import { randomUUID } from 'node:crypto';
import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, planSpend, planStock } from '#testkit';
import type { Kept, PlainPlan, PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { listBasketOutputs, listBaskets, listInventory } from './basket-outputs';
import type { BasketPage } from './basket-outputs';
import { commitTransition, commitTransitions } from './commit-transition';
import { findApplied } from './foresee-commit';
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

const keep = async (kept: readonly Kept[], plan: Partial<PlainPlan> = {}): Promise<PlainTransaction> => {
  const { subject, input } = planStock(kept, plan);
  expect(await commitTransition(db, input)).toMatchObject({ ok: true });
  return subject;
};
const page = async (basket: string, asked: Partial<BasketPage> = {}) => {
  const { total, outputs } = await listBasketOutputs(db, 'acme', basket, { limit: 100, ...asked });
  return [total, outputs.map(({ vout }) => vout)];
};

describe('a basket', () => {
  it('keeps an output with its tags, instructions and quantity, as it was asked', async () => {
    const basket = `shelf ${randomUUID()}`;
    const customInstructions = '{"key":"1"}';
    const { subject, input } = planStock([{ satoshis: 7, tags: ['blue', 'red'], customInstructions, quantity: 12 }], {
      basket,
    });
    const labelled = { ...input, transition: { ...input.transition, labels: ['march', 'order 7'] } };
    expect(await commitTransition(db, labelled)).toMatchObject({ ok: true });
    const { outputs } = await listBasketOutputs(db, 'acme', basket, { limit: 1 });
    expect(outputs).toEqual([
      {
        ...{ txid: subject.txid, vout: 0, outpoint: outpointOf(subject), satoshis: 7 },
        ...{
          lockingScript: subject.outputs[0]?.lockingScript,
          tags: ['blue', 'red'],
          customInstructions,
          quantity: 12,
        },
        ...{ labels: ['march', 'order 7'], spendable: true, place: expect.any(Number) },
      },
    ]);
  });

  it('is paged in the order of arrival, by place, by offset, and from the newest', async () => {
    const basket = `shelf ${randomUUID()}`;
    await keep([{}, {}, {}, {}, {}], { basket });
    expect(await page(basket)).toEqual([5, [0, 1, 2, 3, 4]]);
    expect(await page(basket, { limit: 2, offset: 2 })).toEqual([5, [2, 3]]);
    expect(await page(basket, { limit: 2, offset: -1 })).toEqual([5, [4, 3]]);
    expect(await page(basket, { limit: 2, offset: -4 })).toEqual([5, [1, 0]]);
    const { outputs } = await listBasketOutputs(db, 'acme', basket, { limit: 3 });
    expect(await page(basket, { after: outputs[2]?.place ?? 0 })).toEqual([5, [3, 4]]);
    expect(await page(basket, { limit: 1, offset: 7 })).toEqual([5, []]);
  });

  it('is asked by tags, any or all, and counts what answers', async () => {
    const basket = `shelf ${randomUUID()}`;
    await keep([{ tags: ['a'] }, { tags: ['a', 'b'] }, { tags: ['b'] }, {}, { tags: ['a', 'b', 'c'] }], { basket });
    const tags = ['b', 'a', 'b'];
    expect(await page(basket, { tags })).toEqual([4, [0, 1, 2, 4]]);
    expect(await page(basket, { tags, tagQueryMode: 'all' })).toEqual([2, [1, 4]]);
    expect(await page(basket, { tags, limit: 2, offset: 1 })).toEqual([4, [1, 2]]);
    expect(await page(basket, { tags, limit: 2, offset: -2 })).toEqual([4, [2, 1]]);
    expect(await page(basket, { tags, tagQueryMode: 'all', offset: -1, limit: 1 })).toEqual([2, [4]]);
    const { outputs } = await listBasketOutputs(db, 'acme', basket, { limit: 1, tags });
    expect(await page(basket, { tags, after: outputs[0]?.place ?? 0, limit: 2 })).toEqual([4, [1, 2]]);
    expect(await page(basket, { tags: ['d', 'a'] })).toEqual([3, [0, 1, 4]]);
    expect(await page(basket, { tags: ['d'] })).toEqual([0, []]);
  });

  it('loses what is spent, from its tags too, and has it back when the spender is retracted', async () => {
    const basket = `shelf ${randomUUID()}`;
    const subject = await keep([{ tags: ['a'] }, { tags: ['a'] }], { basket });
    const { subject: spender, input } = planSpend(subject, [0], { basket, keep: [{ tags: ['a', 'new'] }] });
    const outcome = await commitTransition(db, input);
    expect(outcome).toMatchObject({
      value: { receipt: { basketsRemoved: [{ basket, outpoint: `${subject.txid}.0` }] } },
    });
    expect((await listBasketOutputs(db, 'acme', basket, { tags: ['a'], limit: 9 })).outputs).toMatchObject([
      { txid: subject.txid, vout: 1 },
      { txid: spender.txid, vout: 0 },
    ]);
    await retractTransition(db, spender.txid, 'refused');
    expect(await page(basket, { tags: ['a'] })).toEqual([2, [0, 1]]);
    expect(await page(basket, { tags: ['new'] })).toEqual([0, []]);
    await commitTransition(db, planSpend(subject, [0], { basket: 'elsewhere' }).input);
    expect(await page(basket)).toEqual([1, [1]]);
  });

  it('holds an output once in each organisation, in one place, kept one way', async () => {
    const subject = await keep([{ tags: ['a'], customInstructions: 'x', quantity: 3 }], { basket: 'one' });
    const again = async (plan: Partial<PlainPlan>) => {
      const organisation = plan.organisation ?? 'acme';
      const topic = `tm_${plan.organisation ?? 'again'}`;
      const [output] = planPlainCommit({ subject, basket: 'one', ...plan }).baskets.add;
      const foreseen = await findApplied(db, { organisation, txid: subject.txid, topics: [], baskets: [output!] });
      const outcome = await commitTransition(db, planPlainCommit({ subject, topic, basket: 'one', ...plan }));
      expect(foreseen).toEqual(outcome.ok ? { ok: true } : outcome);
      return outcome.ok ? outcome.value.kind : outcome.rejection.detail;
    };
    expect(await again({ organisation: 'other', basket: 'theirs', keep: [{ quantity: 9 }] })).toBe('applied');
    expect(await again({ basket: 'two' })).toBe('output 0 is in another basket already');
    for (const other of [{ tags: ['b'] }, { customInstructions: 'y' }, { quantity: 4 }])
      expect(await again({ keep: [other] })).toBe('output 0 is kept with other tags, instructions or quantity already');
    expect(await again({})).toBe('applied');
    expect(await listInventory(db, 'other')).toEqual([{ product: 'theirs', onHand: 9, reserved: 0, available: 9 }]);
    // Whoever spends it, it leaves both.
    await commitTransition(db, planSpend(subject, [0], { organisation: 'third' }).input);
    expect([await page('one'), await listInventory(db, 'other')]).toEqual([[0, []], []]);
  });

  it('is filled by a group as by one after another', async () => {
    const basket = `shelf ${randomUUID()}`;
    const first = planStock([{ tags: ['a'], customInstructions: 'x', quantity: 2 }, { tags: ['b'] }], { basket });
    const second = planStock([{ tags: ['a'] }], { basket });
    expect(await commitTransitions(db, [first.input, second.input])).toMatchObject({
      value: [{ ok: true }, { ok: true }],
    });
    const { total, outputs } = await listBasketOutputs(db, 'acme', basket, { tags: ['a'], limit: 9 });
    expect(total).toBe(2);
    // What comes in one group comes at once: its order is that of the bytes.
    const byTxid = new Map(outputs.map((output) => [output.txid, output]));
    expect(byTxid.get(first.subject.txid)).toMatchObject({ customInstructions: 'x', quantity: 2 });
    expect(byTxid.get(second.subject.txid)).toMatchObject({ tags: ['a'], quantity: 1 });
  });

  it('is summed up for its organisation alone', async () => {
    const organisation = `org ${randomUUID()}`;
    await keep([{ satoshis: 5, quantity: 2 }, { satoshis: 6 }], { organisation, basket: 'b' });
    const gone = await keep([{}, { satoshis: 3, basket: 'a' }], { organisation, basket: 'c' });
    await commitTransition(db, planSpend(gone, [0], { organisation, outputs: [1], basket: 'a' }).input);
    expect(await listBaskets(db, organisation)).toEqual([
      { basket: 'a', outputs: 2, satoshis: 4, quantity: 2, reserved: 0 },
      { basket: 'b', outputs: 2, satoshis: 11, quantity: 3, reserved: 0 },
    ]);
    const child = buildPlainTransaction([outpointOf(gone)]);
    expect(await listBaskets(db, child.txid)).toEqual([]);
  });
});
