import { randomUUID } from 'node:crypto';
import type { Result } from '#atomic-core';
import {
  commitTransition,
  findInventory,
  findReservation,
  fsck,
  postOffer,
  relinquishOutput,
  renewReservation,
  reserveOutputs,
  withdrawOffer,
} from '#ledger';
import type { Reservation } from '#ledger';
import { createTestDatabase, outpointOf, planSpend, planStock } from '#testkit';
import type { PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';

/** Merge size; `npm run test:race:full` sells 1,000 items to 10,000. */
const ATTEMPTS = Number(process.env['RACE_ATTEMPTS'] ?? 1_000);
const ITEMS = ATTEMPTS / 10;
const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 100);
const PART = 100;

jest.setTimeout(900_000);

let database: TestDatabase;
/** Two replicas: a pool of connections each. */
let replicas: readonly [DataSource, DataSource];

beforeAll(async () => {
  database = await createTestDatabase();
  replicas = [database.dataSource, await database.openPool()];
}, 90_000);
afterEach(async () => {
  expect((await fsck(replicas[0])).filter(({ ok }) => !ok)).toEqual([]);
  const [{ deadlocks }] = await database.owner.query(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  expect(deadlocks).toBe(0);
});
afterAll(() => database.drop());

const replica = (place: number): DataSource => (place % 2 === 0 ? replicas[0] : replicas[1]);
/** So many outputs of so many units each, in one basket, and the transactions that have them. */
const stock = async (
  quantities: readonly number[],
  more = {},
): Promise<{ basket: string; lots: PlainTransaction[] }> => {
  const basket = `item ${randomUUID()}`;
  const lots: PlainTransaction[] = [];
  for (let start = 0; start < quantities.length; start += PART) {
    const kept = quantities.slice(start, start + PART).map((quantity) => ({ quantity }));
    const { subject, input } = planStock(kept, { basket, ...more });
    expect(await commitTransition(replicas[0], input)).toMatchObject({ ok: true });
    lots.push(subject);
  }
  return { basket, lots };
};
const reserve = (db: DataSource, basket: string, identityKey: string, quantity: number, ttlMs = 600_000) =>
  reserveOutputs(db, { id: randomUUID(), organisation: 'acme', identityKey, basket, want: { quantity }, ttlMs });
const listHeld = (results: readonly Result<Reservation>[]): Reservation[] =>
  results.flatMap((result) => (result.ok ? [result.value] : []));
const codes = (results: readonly Result<unknown>[]): string[] => [
  ...new Set(results.flatMap((result) => (result.ok ? [] : [result.rejection.code]))),
];
const namesOf = (reservations: readonly Reservation[]): string[] =>
  reservations.flatMap(({ outputs }) => outputs.map(({ txid, vout }) => `${txid}.${vout}`));
/** Spends all that a reservation holds. */
const consume = (
  db: DataSource,
  lots: readonly PlainTransaction[],
  { id, outputs }: Reservation,
  identityKey: string,
) => {
  const parent = lots.find(({ txid }) => txid === outputs[0]?.txid);
  if (parent === undefined) throw new Error('The reservation holds nothing of these lots.');
  const vouts = outputs.map(({ vout }) => vout);
  return commitTransition(db, planSpend(parent, vouts, { identityKey, reservation: id, basket: 'sold' }).input);
};

describe('two replicas sell one stock', () => {
  it('sells exactly what there is, each item once, and consumes it while others still ask', async () => {
    const { basket, lots } = await stock(Array.from({ length: ITEMS }, () => 1));
    const sold: string[] = [];
    const attempts = Array.from({ length: ATTEMPTS }, async (_, place) => {
      const buyer = `buyer ${place}`;
      const held = await reserve(replica(place), basket, buyer, 1);
      if (held.ok && place % 3 === 0) {
        const spent = await consume(replica(place + 1), lots, held.value, buyer);
        expect(spent).toMatchObject({ ok: true });
        sold.push(held.value.id);
      }
      return held;
    });
    const results = await Promise.all(attempts);
    const held = listHeld(results);
    expect(held).toHaveLength(ITEMS);
    expect(new Set(namesOf(held)).size).toBe(ITEMS);
    expect(codes(results)).toEqual(['stock-insufficient']);
    const left = { onHand: ITEMS - sold.length, reserved: ITEMS - sold.length, available: 0 };
    expect(await findInventory(replicas[1], 'acme', basket)).toEqual({ product: basket, ...left });
  });

  it('sells all units of lots of different sizes, and none twice', async () => {
    const quantities = Array.from({ length: ITEMS }, (_, place) => 1 + (place % 4));
    const { basket } = await stock(quantities);
    const wanted = Array.from({ length: ATTEMPTS }, (_, place) => 1 + (place % 3));
    const results = await Promise.all(
      wanted.map((quantity, place) => reserve(replica(place), basket, `buyer ${place}`, quantity)),
    );
    const held = listHeld(results);
    const names = namesOf(held);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(ITEMS);
    for (const [place, result] of results.entries()) {
      if (!result.ok) continue;
      const units = result.value.outputs.map(({ quantity }) => quantity);
      const sum = units.reduce((all, one) => all + one, 0);
      expect(sum).toBeGreaterThanOrEqual(wanted[place] ?? 0);
      // None of them is superfluous.
      expect(sum - Math.min(...units)).toBeLessThan(wanted[place] ?? 0);
    }
    expect(await findInventory(replicas[0], 'acme', basket)).toMatchObject({ available: 0 });
  });

  it('sells what expired once more, and never what was renewed in time', async () => {
    const { basket, lots } = await stock(Array.from({ length: ITEMS }, () => 1));
    const first = listHeld(
      await Promise.all(Array.from({ length: ITEMS }, (_, place) => reserve(replica(place), basket, 'first', 1, 1))),
    );
    // The clock of the database alone decides: some were taken again by those who came after a millisecond.
    const live = Array.from({ length: ATTEMPTS }, async (_, place) => {
      const mine = first[place % first.length]!;
      if (place % 2 === 0) return { renewed: await renewReservation(replica(place), 'acme', mine.id, 600_000), mine };
      return { held: await reserve(replica(place), basket, `later ${place}`, 1) };
    });
    const outcomes = await Promise.all(live);
    const later = listHeld(outcomes.flatMap(({ held }) => (held === undefined ? [] : [held])));
    const renewed = new Set(
      outcomes.flatMap(({ renewed: result, mine }) => (result?.ok === true && mine ? [mine.id] : [])),
    );
    const kept = await Promise.all([...renewed].map((id) => findReservation(replicas[0], 'acme', id)));
    const names = namesOf([...later, ...kept.flatMap((each) => each ?? [])]);
    expect(new Set(names).size).toBe(names.length);
    expect(kept.every((each) => each?.state === 'held' && each.outputs.length === 1)).toBe(true);
    expect(await findInventory(replicas[0], 'acme', basket)).toMatchObject({ reserved: names.length });
    // Whoever holds it spends it; whose time was over does not.
    for (const [place, each] of later.entries()) {
      const stale = first.find((one) => one.outputs[0]?.outpoint.toString() === each.outputs[0]?.outpoint.toString());
      if (stale !== undefined) expect(await consume(replica(place), lots, stale, 'first')).toMatchObject({ ok: false });
      expect(await consume(replica(place), lots, each, each.identityKey)).toMatchObject({ ok: true });
    }
  });

  it('is decided by the COMMIT when a reservation and the spend of a colleague meet', async () => {
    const seen = new Set<string>();
    const { basket, lots } = await stock(Array.from({ length: ROUNDS }, () => 1));
    for (let round = 0; round < ROUNDS; round += 1) {
      const lot = lots[Math.floor(round / PART)]!;
      const input = planSpend(lot, [round % PART], { identityKey: 'a colleague' }).input;
      const [held, spent] = await Promise.all([
        reserve(replica(round), basket, 'holder', 1),
        commitTransition(replica(round + 1), input),
      ]);
      const took = held.ok && held.value.outputs[0]?.vout === round % PART && held.value.outputs[0].txid === lot.txid;
      seen.add(took ? 'held' : 'spent');
      if (took) {
        expect(spent).toMatchObject({ rejection: { code: 'output-reserved' } });
        expect(await consume(replica(round), lots, held.value, 'holder')).toMatchObject({ ok: true });
      } else {
        expect(spent).toMatchObject({ ok: true });
        if (held.ok) expect(await consume(replica(round), lots, held.value, 'holder')).toMatchObject({ ok: true });
      }
      if (!took && held.ok) round += 1;
    }
    expect([...seen].every((outcome) => ['held', 'spent'].includes(outcome))).toBe(true);
  });
});

describe('two replicas take one offer', () => {
  it('has one taker, and tells the other which transaction won; or its seller was first', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { subject, input } = planStock([{ satoshis: 1 }], { basket: 'art' });
      await commitTransition(replicas[0], input);
      const lockingScript = Buffer.of(0x51);
      const posted = await postOffer(
        replicas[0],
        {
          ...{ id: randomUUID(), organisation: 'acme', sellerKey: 'key of acme' },
          asset: { outpoint: outpointOf(subject), basket: 'art', satoshis: 1 },
          price: { satoshis: 5, lockingScript, basket: 'income' },
          expiresAt: new Date(Date.now() + 600_000),
        },
        'r',
      );
      if (!posted.ok) throw new Error(posted.rejection.code);
      const takers = ['one', 'two'].map((organisation) =>
        planSpend(subject, [0], {
          ...{ organisation, offer: posted.value, outputs: [1, { satoshis: 5, lockingScript }] },
          keep: [{ basket: 'gallery' }, { organisation: 'acme', basket: 'income' }],
        }),
      );
      const actor = { organisation: 'acme', identityKey: 'key of acme', requestId: 'r' };
      const second = [
        async () => withdrawOffer(replicas[0], actor, posted.value.id),
        async () => relinquishOutput(replicas[0], { ...actor, basket: 'art', outpoint: outpointOf(subject) }),
        async () => commitTransition(replicas[0], takers[1]!.input),
      ][round % 3]!;
      const [first, other] = await Promise.all([commitTransition(replicas[1], takers[0]!.input), second()]);
      seen.add(`${round % 3}${first.ok ? 'taken' : first.rejection.code}`);
      expect(first.ok !== other.ok).toBe(true);
      const lost = first.ok ? other : first;
      if (lost.ok) continue;
      expect(['offer-ended', 'basket-output-absent']).toContain(lost.rejection.code);
      const winner = first.ok ? takers[0]! : takers[1]!;
      if (round % 3 === 2) expect(lost.rejection.detail).toBe(`it was taken by ${winner.subject.txid}`);
    }
    expect([...seen].filter((outcome) => outcome.endsWith('taken')).length).toBeGreaterThan(0);
  });
});
