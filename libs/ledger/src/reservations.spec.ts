import { randomUUID } from 'node:crypto';
import { sha256 } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  plainBump,
  planPlainCommit,
  planSpend,
  planStock,
  plantBlock,
} from '#testkit';
import type { Kept, PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { findInventory, listBasketOutputs } from './basket-outputs';
import { claimPayment } from './claim-payment';
import { commitTransition, commitTransitions } from './commit-transition';
import { fsck } from './fsck';
import { findReservation, releaseReservation, renewReservation, reserveOutputs } from './reservations';
import type { ReservationRequest } from './reservations';
import { findOrCreateQuote } from './quotes';
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

/** One transaction that keeps these in a basket of its own, in their order. */
const stock = async (...kept: readonly Kept[]): Promise<{ basket: string; subject: PlainTransaction }> => {
  const basket = `shelf ${randomUUID()}`;
  const { subject, input } = planStock(kept, { basket });
  expect(await commitTransition(db, input)).toMatchObject({ ok: true });
  return { basket, subject };
};
/** What a COMMIT that spends these outputs answers: `applied`, or a code. */
const spend = async (...asked: Parameters<typeof planSpend>): Promise<string> => {
  const outcome = await commitTransition(db, planSpend(...asked).input);
  return outcome.ok ? outcome.value.kind : outcome.rejection.code;
};
const request = (basket: string, more: Partial<ReservationRequest> = {}): ReservationRequest => ({
  ...{ id: randomUUID(), organisation: 'acme', identityKey: 'key of acme', basket },
  ...{ want: { outputs: 1 }, ttlMs: 60_000 },
  ...more,
});
const reserve = async (basket: string, more: Partial<ReservationRequest> = {}) => {
  const reserved = await reserveOutputs(db, request(basket, more));
  if (!reserved.ok) throw new Error(`${reserved.rejection.code}: ${reserved.rejection.detail}`);
  return reserved.value;
};
const vouts = ({ outputs }: { outputs: readonly { vout: number }[] }): number[] => outputs.map(({ vout }) => vout);
/** As if the time of all that is reserved were over. */
const expire = async (id: string): Promise<void> => {
  await database.owner.query(`update portcullis.reservation set expires_at = now() where id = $1`, [id]);
  await database.owner.query(`update portcullis.basket_output set reserved_until = now() where reserved_by = $1`, [id]);
};

describe('a reservation', () => {
  it('holds the oldest outputs that are free, and nobody else gets them', async () => {
    const { basket } = await stock({}, {}, {});
    const first = await reserve(basket, { want: { outputs: 2 } });
    expect(first).toMatchObject({ state: 'held', basket, organisation: 'acme', identityKey: 'key of acme' });
    expect(vouts(first)).toEqual([0, 1]);
    expect(first.outputs[0]).toMatchObject({ spendable: false, reservedUntil: first.expiresAt });
    expect(vouts(await reserve(basket))).toEqual([2]);
    expect(await reserveOutputs(db, request(basket))).toMatchObject({ rejection: { code: 'stock-insufficient' } });
    expect(await findInventory(db, 'acme', basket)).toEqual({ product: basket, onHand: 3, reserved: 3, available: 0 });
  });

  it('is for enough satoshis or units, and holds nothing that it does not need', async () => {
    const { basket } = await stock(
      { satoshis: 1, quantity: 3 },
      { satoshis: 2, quantity: 1 },
      { satoshis: 9, quantity: 7 },
    );
    const paid = await reserve(basket, { want: { satoshis: 10 } });
    expect(vouts(paid)).toEqual([1, 2]);
    await releaseReservation(db, 'acme', paid.id);
    expect(vouts(await reserve(basket, { want: { quantity: 4 } }))).toEqual([0, 1]);
    expect(await reserveOutputs(db, request(basket, { want: { quantity: 8 } }))).toMatchObject({
      rejection: { code: 'stock-insufficient', detail: '7 of 8 quantity free in this basket' },
    });
  });

  it('asks for tags, any or all', async () => {
    const { basket } = await stock({ tags: ['red'] }, { tags: ['blue', 'red'] }, { tags: ['blue'] }, {});
    const tags = ['red', 'blue'];
    const both = await reserve(basket, { tags, tagQueryMode: 'all' });
    expect(vouts(both)).toEqual([1]);
    expect(await reserveOutputs(db, request(basket, { tags, tagQueryMode: 'all' }))).toMatchObject({ ok: false });
    expect(vouts(await reserve(basket, { tags, want: { outputs: 2 } }))).toEqual([0, 2]);
    expect(await reserveOutputs(db, request(basket, { tags }))).toMatchObject({ ok: false });
    await releaseReservation(db, 'acme', both.id);
    expect(vouts(await reserve(basket, { tags: ['red'], want: { satoshis: 1 } }))).toEqual([1]);
  });

  it('ends with its time, and is renewed only while it holds', async () => {
    const { basket } = await stock({});
    const held = await reserve(basket);
    const renewed = await renewReservation(db, 'acme', held.id, 3_600_000);
    expect(renewed).toMatchObject({ ok: true, value: { state: 'held' } });
    if (renewed.ok) expect(renewed.value.expiresAt.getTime()).toBeGreaterThan(held.expiresAt.getTime() + 3_000_000);
    await expire(held.id);
    expect(await findReservation(db, 'acme', held.id)).toMatchObject({ state: 'expired' });
    expect((await listBasketOutputs(db, 'acme', basket, { limit: 9 })).outputs).toMatchObject([{ spendable: true }]);
    expect(await renewReservation(db, 'acme', held.id, 60_000)).toMatchObject({
      rejection: { code: 'reservation-ended' },
    });
    expect(vouts(await reserve(basket))).toEqual([0]);
    expect(await findReservation(db, 'acme', held.id)).toMatchObject({ state: 'expired', outputs: [] });
  });

  it('is given up at any time, by anybody of its organisation, and as often as they like', async () => {
    const { basket } = await stock({}, {});
    const held = await reserve(basket, { want: { outputs: 2 } });
    expect(await releaseReservation(db, 'other', held.id)).toMatchObject({
      rejection: { code: 'reservation-unknown' },
    });
    expect(await renewReservation(db, 'other', held.id, 1)).toMatchObject({
      rejection: { code: 'reservation-unknown' },
    });
    expect(await findReservation(db, 'other', held.id)).toBeUndefined();
    for (let time = 0; time < 2; time += 1)
      expect(await releaseReservation(db, 'acme', held.id)).toMatchObject({
        value: { state: 'released', outputs: [] },
      });
    expect(await renewReservation(db, 'acme', held.id, 1)).toMatchObject({ rejection: { code: 'reservation-ended' } });
    expect(await findInventory(db, 'acme', basket)).toMatchObject({ reserved: 0, available: 2 });
  });

  it('answers a request that is repeated with what it holds, and with a new one when that has ended', async () => {
    const { basket } = await stock({}, {}, {});
    const requestKey = randomUUID();
    const [first, second] = [await reserve(basket, { requestKey }), await reserve(basket, { requestKey })];
    expect(second).toEqual(first);
    expect(await reserveOutputs(db, request(basket, { requestKey, want: { outputs: 2 } }))).toMatchObject({
      rejection: { code: 'idempotency-conflict' },
    });
    expect(vouts(await reserve(basket, { requestKey, identityKey: 'another key' }))).toEqual([1]);
    await releaseReservation(db, 'acme', first.id);
    const third = await reserve(basket, { requestKey });
    expect([third.id === first.id, vouts(third)]).toEqual([false, [0]]);
  });

  it('finds what is large behind a thousand that are small', async () => {
    const small = Array.from({ length: 250 }, (): Kept => ({ satoshis: 1, tags: ['coin'] }));
    const { basket } = await stock(...small);
    for (let more = 0; more < 4; more += 1) await commitTransition(db, planStock(small, { basket }).input);
    await commitTransition(db, planStock([{ satoshis: 5_000, tags: ['coin'] }], { basket }).input);
    for (const tags of [[], ['coin']]) {
      const held = await reserve(basket, { want: { satoshis: 5_400 }, tags });
      expect(held.outputs).toHaveLength(401);
      await releaseReservation(db, 'acme', held.id);
    }
    const beyond = await reserveOutputs(db, request(basket, { want: { satoshis: 6_000 } }));
    expect(beyond).toMatchObject({ rejection: { code: 'stock-insufficient' } });
    expect(beyond.ok || beyond.rejection.detail).toContain('5999 of 6000 satoshis');
  });
});

describe('the COMMIT and what is reserved', () => {
  it('refuses whoever else of the organisation spends it, until when', async () => {
    const { basket, subject } = await stock({}, {});
    const held = await reserve(basket);
    const outcome = await commitTransition(db, planSpend(subject, [0], { identityKey: 'a colleague' }).input);
    expect(outcome).toMatchObject({ ok: false, rejection: { code: 'output-reserved' } });
    expect(outcome.ok || outcome.rejection.detail).toBe(
      `${subject.txid}.0 is reserved until ${held.expiresAt.toISOString()}`,
    );
    expect(await spend(subject, [1], { identityKey: 'a colleague' })).toBe('applied');
    await expire(held.id);
    expect(await spend(subject, [0], { identityKey: 'a colleague' })).toBe('applied');
    expect(await findReservation(db, 'acme', held.id)).toMatchObject({ state: 'expired', outputs: [] });
  });

  it('refuses a way around it: the spender as an ancestor of the subject', async () => {
    const { basket, subject } = await stock({});
    await reserve(basket);
    const between = buildPlainTransaction([outpointOf(subject)]);
    const last = buildPlainTransaction([outpointOf(between)]);
    const identityKey = 'a colleague';
    const around = planPlainCommit({ subject: last, ancestors: [subject, between], identityKey });
    expect(await commitTransition(db, around)).toMatchObject({ rejection: { code: 'output-reserved' } });
  });

  it('is consumed by its holder, and by whoever names it; what it did not need is free at once', async () => {
    const { basket, subject } = await stock({}, {}, {}, {});
    const mine = await reserve(basket, { want: { outputs: 2 } });
    const ours = await reserve(basket, { want: { outputs: 2 } });
    expect(await spend(subject, [0])).toBe('applied');
    expect(await spend(subject, [3], { identityKey: 'a colleague', reservation: ours.id })).toBe('applied');
    for (const [{ id }, vout] of [
      [mine, 0],
      [ours, 3],
    ] as const) {
      const ended = await findReservation(db, 'acme', id);
      expect(ended).toMatchObject({ state: 'consumed', outputs: [{ vout, spendable: false }] });
      expect(await renewReservation(db, 'acme', id, 1)).toMatchObject({ rejection: { code: 'reservation-ended' } });
      expect(await releaseReservation(db, 'acme', id)).toMatchObject({ value: { state: 'consumed' } });
    }
    expect(await findInventory(db, 'acme', basket)).toMatchObject({ onHand: 2, reserved: 0 });
    expect(await spend(subject, [1, 2], { identityKey: 'a colleague' })).toBe('applied');
  });

  it('refuses a name that is unknown, another organisation’s, ended, or of nothing that is spent', async () => {
    const { basket, subject } = await stock({}, {}, {});
    const held = await reserve(basket);
    const ended = await reserve(basket);
    await releaseReservation(db, 'acme', ended.id);
    expect(await spend(subject, [0], { reservation: randomUUID() })).toBe('reservation-unknown');
    expect(await spend(subject, [0], { reservation: held.id, organisation: 'other' })).toBe('reservation-unknown');
    expect(await spend(subject, [1], { reservation: ended.id })).toBe('reservation-ended');
    expect(await spend(subject, [2], { reservation: held.id })).toBe('reservation-unused');
    await expire(held.id);
    expect(await spend(subject, [0], { reservation: held.id })).toBe('reservation-ended');
    expect(await spend(subject, [0])).toBe('applied');
  });

  it('lets facts through: what another organisation spends, and what a block has', async () => {
    const { basket, subject } = await stock({}, {});
    const [theirs, mined] = [await reserve(basket), await reserve(basket)];
    expect(await spend(subject, [0], { organisation: 'other' })).toBe('applied');
    const unproven = planSpend(subject, [1]).subject;
    const bump = plainBump(await plantBlock(database.owner, 70, unproven.txid));
    const coins = [{ txid: subject.txid, vout: 1, retain: false }];
    const proven = planPlainCommit({ subject: { ...unproven, bump }, ancestors: [subject], coins, identityKey: 'x' });
    expect(await commitTransition(db, proven)).toMatchObject({ ok: true });
    for (const { id } of [theirs, mined])
      expect(await findReservation(db, 'acme', id)).toMatchObject({ state: 'consumed' });
  });

  it('holds again when its spender is retracted in its time', async () => {
    const { basket, subject } = await stock({}, {});
    const held = await reserve(basket);
    const { subject: spender, input } = planSpend(subject, [0]);
    await commitTransition(db, input);
    await retractTransition(db, spender.txid, 'refused');
    expect(await findReservation(db, 'acme', held.id)).toMatchObject({ state: 'held', outputs: [{ vout: 0 }] });
    expect(await spend(subject, [0], { identityKey: 'a colleague' })).toBe('output-reserved');
    expect(await spend(subject, [0], { reservation: held.id })).toBe('applied');
  });

  it('counts in a group as it does alone', async () => {
    const { basket, subject } = await stock({}, {}, {});
    const held = await reserve(basket, { want: { outputs: 2 } });
    const inputs = [
      planSpend(subject, [0], { identityKey: 'a colleague' }),
      planSpend(subject, [1], { identityKey: 'a colleague', reservation: held.id }),
      planSpend(subject, [2], { identityKey: 'a colleague' }),
      planStock([{}]),
    ].map(({ input }) => input);
    expect(await commitTransitions(db, inputs)).toMatchObject({
      value: [{ rejection: { code: 'output-reserved' } }, { ok: true }, { ok: true }, { ok: true }],
    });
  });

  it('keeps a payment from spending it as well', async () => {
    const { basket, subject } = await stock({ satoshis: 500 });
    await reserve(basket);
    const requestDigest = sha256(Buffer.from(randomUUID()));
    const asked = { organisation: 'acme', identityKey: 'a colleague', requestDigest };
    const prefix = randomUUID();
    await findOrCreateQuote(db, { ...asked, prefix, method: 'POST', path: '/', satoshis: 200, ttlMs: 60_000 });
    const transaction = buildPlainTransaction([outpointOf(subject)], [400]);
    const { transactions, spends, outbox, leaf } = planPlainCommit({ subject: transaction, ancestors: [subject] });
    const claim = { ...asked, outpoint: outpointOf(transaction), prefix, satoshis: 400 };
    expect(await claimPayment(db, { ...claim, transactions, spends, outbox, leaf })).toMatchObject({
      rejection: { code: 'output-reserved' },
    });
  });
});
