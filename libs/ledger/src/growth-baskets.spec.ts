import { randomUUID } from 'node:crypto';
import { openAgeingLedger, outpointOf, planSpend, planStock } from '#testkit';
import type { AgeingLedger, Works } from '#testkit';
import { commitTransition } from './commit-transition';
import { findOffer, listOffers, postOffer, relinquishOutput } from './offers';
import { releaseReservation, renewReservation, reserveOutputs } from './reservations';

let ledger: AgeingLedger;
let db: AgeingLedger['db'];

/** In the basket of the organisation that has most of what is there. */
const works: Works = {
  'a reservation, by tag and without, renewed, consumed and given up': async () => {
    const kept = planStock([{ tags: ['elder', 'shelf 3'] }, {}], { organisation: 'elder' });
    expect(await commitTransition(db, kept.input)).toMatchObject({ ok: true });
    const asked = { organisation: 'elder', identityKey: 'k', basket: 'goods', ttlMs: 60_000, requestKey: randomUUID() };
    const wanted = [{}, { tags: ['elder'] }, { tags: ['elder', 'shelf 3'], tagQueryMode: 'all' as const }];
    for (const want of [{ outputs: 1 }, { satoshis: 900 }]) {
      for (const tags of wanted) {
        const held = await reserveOutputs(db, { ...asked, ...tags, want, id: randomUUID() });
        expect(held).toMatchObject({ ok: true, value: { state: 'held' } });
        if (!held.ok) return;
        expect(await renewReservation(db, 'elder', held.value.id, 60_000)).toMatchObject({ ok: true });
        expect(await releaseReservation(db, 'elder', held.value.id)).toMatchObject({ ok: true });
      }
    }
    const basket = randomUUID();
    const { subject: parent, input } = planStock([{ tags: ['a', 'b'] }], { basket });
    expect(await commitTransition(db, input)).toMatchObject({ ok: true });
    const want = { outputs: 1 };
    const held = { id: randomUUID(), organisation: 'acme', identityKey: 'k', basket, want, ttlMs: 60_000 };
    expect(await reserveOutputs(db, { ...held, tags: ['b'] })).toMatchObject({ ok: true });
    expect(await commitTransition(db, planSpend(parent, [0], { reservation: held.id }).input)).toMatchObject({
      ok: true,
    });
  },
  'an offer, taken, and an output given up': async () => {
    const { subject: both, input: issue } = planStock([{}, {}]);
    expect(await commitTransition(db, issue)).toMatchObject({ ok: true });
    const lockingScript = Buffer.of(0x51);
    const terms = {
      ...{ id: randomUUID(), organisation: 'acme', sellerKey: 'k', expiresAt: new Date(Date.now() + 60_000) },
      asset: { outpoint: outpointOf(both), basket: 'goods', satoshis: 1_000 },
      price: { satoshis: 5, lockingScript, basket: 'income' },
    };
    const offer = await postOffer(db, terms, 'r');
    if (!offer.ok) throw new Error(offer.rejection.code);
    const viewer = { organisation: 'other', identityKey: 'key of other' };
    expect(await findOffer(db, viewer, terms.id)).toMatchObject({ state: 'open' });
    for (const whose of ['ours', 'to-me', 'to-all'] as const) await listOffers(db, viewer, { whose, limit: 3 });
    const { input } = planSpend(both, [0], {
      ...{ organisation: 'other', offer: offer.value, outputs: [1, { satoshis: 5, lockingScript }] },
      keep: [{}, { organisation: 'acme', basket: 'income' }],
    });
    expect(await commitTransition(db, input)).toMatchObject({ ok: true });
    const actor = { organisation: 'acme', identityKey: 'k', requestId: 'r' };
    expect(await relinquishOutput(db, { ...actor, basket: 'goods', outpoint: outpointOf(both, 1) })).toMatchObject({
      ok: true,
    });
  },
};

describe('the cost of baskets that grow', () => {
  beforeAll(async () => {
    ledger = await openAgeingLedger();
    ({ db } = ledger);
  }, 90_000);
  afterAll(() => ledger.close());

  it('is that of what is asked for and not of what lies there', async () => {
    expect(await ledger.findGrowth(works)).toEqual([]);
  }, 180_000);
});
