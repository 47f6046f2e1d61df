import { randomUUID } from 'node:crypto';
import { createTestDatabase, outpointOf, planSpend, planStock, plantBreach } from '#testkit';
import type { TestDatabase } from '#testkit';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { postOffer, relinquishOutput, withdrawOffer } from './offers';
import { releaseReservation, reserveOutputs } from './reservations';

let database: TestDatabase;

/** One of everything: what is held, consumed and released; an offer that is taken, one withdrawn; an output that was given up. */
beforeAll(async () => {
  database = await createTestDatabase();
  const db = database.dataSource;
  const actor = { organisation: 'acme', identityKey: 'key of acme', requestId: 'r' };
  const { subject, input } = planStock([{ tags: ['a', 'b'] }, { tags: ['b'] }, {}, {}, { tags: ['a'] }]);
  expect(await commitTransition(db, input)).toMatchObject({ ok: true });
  const want = { outputs: 1 };
  const held = { organisation: 'acme', identityKey: 'key of acme', basket: 'goods', want, ttlMs: 3_600_000 };
  const [consumed, released] = [randomUUID(), randomUUID()];
  for (const id of [consumed, randomUUID(), released])
    expect(await reserveOutputs(db, { ...held, id })).toMatchObject({ ok: true });
  await releaseReservation(db, 'acme', released);
  expect(await commitTransition(db, planSpend(subject, [0], { reservation: consumed }).input)).toMatchObject({
    ok: true,
  });
  const lockingScript = Buffer.of(0x51);
  const offers = [];
  for (const vout of [3, 4]) {
    const posted = await postOffer(
      db,
      {
        ...{ id: randomUUID(), organisation: 'acme', sellerKey: 'key of acme', buyerKey: 'key of other' },
        asset: { outpoint: outpointOf(subject, vout), basket: 'goods', satoshis: 1_000 },
        price: { satoshis: 5, lockingScript, basket: 'income' },
        expiresAt: new Date(Date.now() + 3_600_000),
      },
      'r',
    );
    if (!posted.ok) throw new Error(posted.rejection.code);
    offers.push(posted.value);
  }
  const { input: exchange } = planSpend(subject, [3], {
    ...{ organisation: 'other', offer: offers[0]!, outputs: [1, { satoshis: 5, lockingScript }] },
    keep: [{}, { organisation: 'acme', basket: 'income' }],
  });
  expect(await commitTransition(db, exchange)).toMatchObject({ ok: true });
  expect(await withdrawOffer(db, actor, offers[1]!.id)).toMatchObject({ ok: true });
  const last = { basket: 'goods', outpoint: outpointOf(subject, 4) };
  expect(await relinquishOutput(db, { ...actor, ...last })).toMatchObject({ ok: true });
}, 90_000);
afterAll(() => database.drop());

const noTrigger = 'alter table portcullis.basket_output disable trigger user';
const plants: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'I15',
    'kept more than once',
    [
      'alter table portcullis.basket_output drop constraint basket_output_pkey',
      `insert into portcullis.basket_output (organisation, txid, vout, basket, satoshis, locking_script, transition_id)
         select organisation, txid, vout, 'second', satoshis, locking_script, transition_id from portcullis.basket_output where vout = 2`,
    ],
  ],
  ['I15', 'not found by its tag', ['delete from portcullis.basket_output_tag']],
  ['I15', 'not found by its tag', [noTrigger, `update portcullis.basket_output set tags = '{a,b,new}' where vout = 1`]],
  ['I15', 'finds what is not in', [noTrigger, `update portcullis.basket_output set relinquished = true`]],
  ['I15', 'finds what is not in', [`update portcullis.basket_output_tag set place = 0`]],
  [
    'I16',
    'held by no reservation',
    [`update portcullis.basket_output set reserved_by = gen_random_uuid() where reserved_by is not null`],
  ],
  ['I16', 'held by no reservation', [`update portcullis.reservation set basket = 'another'`]],
  [
    'I16',
    'held half',
    [
      'alter table portcullis.basket_output drop constraint basket_output_reservation_whole',
      'update portcullis.basket_output set reserved_until = null where reserved_until is not null',
    ],
  ],
  ['I16', 'for another time', [`update portcullis.reservation set expires_at = expires_at + interval '1 day'`]],
  ['I16', 'what it released', [`update portcullis.reservation set released_at = now()`]],
  ['I17', 'not what its digest says', [`update portcullis.offer set price_satoshis = 4`]],
  ['I17', 'not what its digest says', [`update portcullis.offer set buyer_key = null`]],
  [
    'I17',
    'not what its digest says',
    [`update portcullis.offer set expires_at = expires_at + interval '1 millisecond'`],
  ],
  [
    'I17',
    'by a retracted transition',
    [`update portcullis.transition set settlement = 'retracted' where id in (select taken_by from portcullis.offer)`],
  ],
  ['I17', 'whom it was not made to', [`update portcullis.transition set identity_key = 'a thief'`]],
  ['I17', 'not spent by its taker', [`delete from portcullis.spent_outpoint`]],
  ['I17', 'not paid for', [`update portcullis.basket_output set basket = 'pocket' where basket = 'income'`]],
  ['I11', 'a basket row', [`update portcullis.offer set taken_by = null`]],
];

describe('fsck of baskets, reservations and offers', () => {
  it('finds nothing wrong where they were only used as meant', async () => {
    expect((await fsck(database.dataSource)).filter(({ ok }) => !ok)).toEqual([]);
  });

  it.each(plants)('finds a planted breach of %s: %s', async (invariant, sentence, statements) => {
    expect((await plantBreach(database.owner, statements)).get(invariant)).toContain(sentence);
  });
});
