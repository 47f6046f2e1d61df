import { randomUUID } from 'node:crypto';
import { decodeLeaf, digestOffer } from '#atomic-core';
import type { Outpoint } from '#atomic-core';
import { createTestDatabase, outpointOf, planSpend, planStock } from '#testkit';
import type { Kept, PlainPlan, PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { listBasketOutputs } from './basket-outputs';
import type { CommitInput } from './commit-input';
import { commitTransition, commitTransitions } from './commit-transition';
import { fsck } from './fsck';
import { findOffer, listOffers, postOffer, relinquishOutput, withdrawOffer } from './offers';
import type { Offer } from './offers';
import { reserveOutputs } from './reservations';
import { retractTransition } from './retract-transition';

const seller = { organisation: 'seller', identityKey: 'key of seller', requestId: 'r' };
const buyer = { organisation: 'buyer', identityKey: 'key of buyer' };

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

/** An asset of one satoshi in the basket `art` of the seller. */
const issue = async (): Promise<PlainTransaction> => {
  const { subject, input } = planStock([{ satoshis: 1 }], { basket: 'art', organisation: seller.organisation });
  expect(await commitTransition(db, input)).toMatchObject({ ok: true });
  return subject;
};
const script = Buffer.of(0x08, 1, 2, 3, 4, 5, 6, 7, 8);
const post = async (asset: PlainTransaction, buyerKey: string | undefined = buyer.identityKey, ttlMs = 60_000) => {
  const posted = await postOffer(
    db,
    {
      ...{ id: randomUUID(), organisation: seller.organisation, sellerKey: seller.identityKey },
      ...(buyerKey !== '' && { buyerKey }),
      asset: { outpoint: outpointOf(asset), basket: 'art', satoshis: 1 },
      price: { satoshis: 500, lockingScript: script, basket: 'income' },
      expiresAt: new Date(Date.now() + ttlMs),
    },
    'request',
  );
  if (!posted.ok) throw new Error(posted.rejection.code);
  return posted.value;
};

interface Taking extends Partial<PlainPlan> {
  readonly satoshis?: number;
  readonly script?: Buffer;
  readonly paid?: Kept;
}
/** What the gateway of the buyer makes of a transaction that takes the offer: output 0 hands the asset on, output 1 pays. */
const take = (asset: PlainTransaction, { id, termsDigest }: Pick<Offer, 'id' | 'termsDigest'>, more: Taking = {}) => {
  const { satoshis = 500, script: lockingScript = script, paid, ...plan } = more;
  const keep = [{ basket: 'gallery' }, paid ?? { organisation: seller.organisation, basket: 'income' }];
  const outputs = [1, { satoshis, lockingScript }];
  return planSpend(asset, [0], { outputs, keep, ...buyer, offer: { id, termsDigest }, ...plan });
};
const say = async (input: CommitInput): Promise<string> => {
  const outcome = await commitTransition(db, input);
  return outcome.ok ? outcome.value.kind : `${outcome.rejection.code}: ${outcome.rejection.detail}`;
};
const state = async ({ id }: Offer) => (await findOffer(db, seller, id))?.state;
const list = async (organisation: string, basket: string): Promise<string[]> =>
  (await listBasketOutputs(db, organisation, basket, { limit: 100 })).outputs.map(
    ({ txid, vout }) => `${txid}.${vout}`,
  );

describe('an offer', () => {
  it('is taken in one COMMIT: the asset to the buyer, the payment to the seller, and each side told its own', async () => {
    const asset = await issue();
    const offer = await post(asset);
    expect(offer).toMatchObject({ state: 'open', termsDigest: digestOffer(offer) });
    const { subject, input } = take(asset, offer);
    const outcome = await commitTransition(db, input);
    expect(outcome).toMatchObject({ ok: true, value: { receipt: { basketsRemoved: [] } } });
    expect(await state(offer)).toBe('taken');
    expect(await list('buyer', 'gallery')).toEqual([`${subject.txid}.0`]);
    expect(await list('seller', 'income')).toEqual([`${subject.txid}.1`]);
    expect(await list('seller', 'art')).not.toContain(`${asset.txid}.0`);
    expect(await list('buyer', 'income')).toEqual([]);
    const again = await commitTransition(db, input);
    expect(again.ok && again.value).toEqual({ ...(outcome.ok && outcome.value), kind: 'replayed' });
  });

  it('writes a leaf when it is posted and when it is withdrawn, once', async () => {
    const offer = await post(await issue());
    expect(await withdrawOffer(db, { ...seller, organisation: 'other' }, offer.id)).toMatchObject({
      rejection: { code: 'offer-unknown' },
    });
    for (let time = 0; time < 2; time += 1)
      expect(await withdrawOffer(db, seller, offer.id)).toMatchObject({ ok: true });
    const leaves = await database.owner.query<{ leaf: Buffer }[]>(
      `select l.leaf from portcullis.audited_act a join portcullis.audit_leaf l on l.index = a.leaf_index where a.ref = $1 order by l.index`,
      [offer.id],
    );
    expect(leaves.map(({ leaf }) => decodeLeaf(leaf))).toMatchObject([
      { decision: 'offered', subject: offer.id, organisation: 'seller' },
      { decision: 'withdrawn', subject: offer.id, requestId: 'r' },
    ]);
  });

  it('is refused when it is unknown, or another’s to take', async () => {
    const asset = await issue();
    const offer = await post(asset);
    const unknown = 'offer-unknown: no such offer to this identity';
    expect(await say(take(asset, { ...offer, id: randomUUID() }).input)).toBe(unknown);
    expect(await say(take(asset, offer, { identityKey: 'a stranger' }).input)).toBe(unknown);
    expect(await findOffer(db, { organisation: 'x', identityKey: 'a stranger' }, offer.id)).toBeUndefined();
    expect(await findOffer(db, buyer, offer.id)).toMatchObject({ id: offer.id, state: 'open' });
  });

  it('is refused when it is stale or altered', async () => {
    const asset = await issue();
    const [expired, withdrawn, open] = [await post(asset, undefined, -1), await post(asset), await post(asset)];
    await withdrawOffer(db, seller, withdrawn.id);
    expect(await state(expired)).toBe('expired');
    expect(await withdrawOffer(db, seller, expired.id)).toMatchObject({ rejection: { code: 'offer-ended' } });
    expect(await say(take(asset, expired).input)).toBe('offer-ended: it has expired');
    expect(await say(take(asset, withdrawn).input)).toBe('offer-ended: it was withdrawn');
    const cheaper = digestOffer({ ...open, price: { ...open.price, satoshis: 5 } });
    expect(await say(take(asset, { ...open, termsDigest: cheaper }).input)).toContain('offer-altered');
    const elsewhere = planSpend(asset, [0], { organisation: seller.organisation });
    expect(await say(elsewhere.input)).toBe('applied');
    expect(await state(open)).toBe('expired');
    expect(await say(take(asset, open).input)).toBe(
      `offer-ended: ${asset.txid}.0 is no longer in the basket of the seller`,
    );
    await retractTransition(db, elsewhere.subject.txid, 'refused');
    expect(await say(take(asset, open).input)).toBe('applied');
  });

  it('is refused when the transaction does not do what it asks, and nothing is changed', async () => {
    const asset = await issue();
    const offer = await post(asset);
    const wrong: readonly Taking[] = [
      { satoshis: 499 },
      { satoshis: 501 },
      { script: Buffer.of(0x51) },
      { paid: { basket: 'income' } },
      { paid: { organisation: 'seller', basket: 'pocket' } },
      {
        keep: [
          { organisation: 'seller', basket: 'art' },
          { organisation: 'seller', basket: 'income' },
        ],
      },
    ];
    for (const each of wrong) expect(await say(take(asset, offer, each).input)).toContain('offer-unfulfilled');
    const other = await issue();
    expect(await say(take(other, offer).input)).toContain(`does not spend ${asset.txid}.0`);
    expect(await state(offer)).toBe('open');
    expect(await list('seller', 'art')).toContain(`${asset.txid}.0`);
  });

  it('is the only way into a basket of another organisation', async () => {
    const keep = [{ organisation: 'seller', basket: 'art' }];
    await expect(commitTransition(db, planStock([{}], { keep, ...buyer }).input)).rejects.toThrow(
      'fills a basket of another organisation',
    );
    const grouped = await issue();
    const { input } = planSpend(grouped, [0], { keep, ...buyer });
    await expect(commitTransitions(db, [input, planStock([{}]).input])).rejects.toThrow('another organisation');
  });

  it('is open again when its taker is retracted, and both baskets are as before', async () => {
    const asset = await issue();
    const offer = await post(asset);
    const { subject, input } = take(asset, offer);
    await commitTransition(db, input);
    await retractTransition(db, subject.txid, 'refused');
    expect(await state(offer)).toBe('open');
    expect(await list('seller', 'art')).toContain(`${asset.txid}.0`);
    expect(await list('seller', 'income')).not.toContain(`${subject.txid}.1`);
    expect(await say(take(asset, offer).input)).toBe('applied');
  });

  it('is of what the seller has, and of what nobody else holds in reserve', async () => {
    const asset = await issue();
    const absent = { ...(await post(asset)), id: randomUUID() };
    expect(await postOffer(db, { ...absent, asset: { ...absent.asset, basket: 'attic' } }, 'r')).toMatchObject({
      rejection: { code: 'basket-output-absent' },
    });
    const open = await post(asset);
    const basket = `art ${randomUUID()}`;
    const { subject, input } = planStock([{ satoshis: 1, tags: ['rare'] }], { basket, organisation: 'seller' });
    await commitTransition(db, input);
    const want = { outputs: 1 };
    const holder = {
      id: randomUUID(),
      organisation: 'seller',
      identityKey: 'a colleague',
      basket,
      want,
      ttlMs: 60_000,
    };
    expect(await reserveOutputs(db, holder)).toMatchObject({ ok: true });
    const held = { ...open, id: randomUUID(), asset: { ...open.asset, basket, outpoint: outpointOf(subject) } };
    expect(await postOffer(db, held, 'r')).toMatchObject({ rejection: { code: 'output-reserved' } });
    expect(await postOffer(db, { ...held, sellerKey: 'a colleague' }, 'r')).toMatchObject({ ok: true });
  });

  it('is listed to its seller, to the one it is made to, or to all', async () => {
    const asset = await issue();
    const [mine, yours, anybodys] = [await post(asset), await post(asset, 'your key'), await post(asset, '')];
    const viewer = { organisation: 'yours', identityKey: 'your key' };
    const ids = async (...asked: Parameters<typeof listOffers> extends [unknown, ...infer Rest] ? Rest : never) =>
      (await listOffers(db, ...asked)).map(({ id }) => id);
    expect(await ids(seller, { whose: 'ours', limit: 3 })).toEqual([anybodys.id, yours.id, mine.id]);
    expect(await ids(viewer, { whose: 'to-me', limit: 9 })).toEqual([yours.id]);
    expect(await ids(viewer, { whose: 'to-all', limit: 9 })).toEqual([anybodys.id]);
    const [first] = await listOffers(db, seller, { whose: 'ours', limit: 1 });
    expect(await ids(seller, { whose: 'ours', limit: 1, before: first?.place ?? 0 })).toEqual([yours.id]);
  });
});

describe('relinquishing', () => {
  const drop = (outpoint: Outpoint, basket = 'art', actor = seller) =>
    relinquishOutput(db, { ...actor, basket, outpoint });

  it('drops an output without spending it, ends its offers, and leaves it spendable and free to be kept again', async () => {
    const asset = await issue();
    const offer = await post(asset);
    const outpoint = outpointOf(asset);
    expect(await drop(outpoint, 'attic')).toMatchObject({ rejection: { code: 'basket-output-absent' } });
    expect(await drop(outpoint, 'art', { ...seller, organisation: 'other' })).toMatchObject({ ok: false });
    expect(await drop(outpoint)).toMatchObject({ ok: true, value: { auditLeaf: expect.any(Number) } });
    expect(await drop(outpoint)).toMatchObject({ rejection: { code: 'basket-output-absent' } });
    expect(await list('seller', 'art')).not.toContain(`${asset.txid}.0`);
    expect(await state(offer)).toBe('expired');
    expect(await say(take(asset, offer).input)).toContain('offer-ended');
    expect(await say(planSpend(asset, [0], { organisation: 'seller' }).input)).toBe('applied');
  });

  it('is refused while another identity holds the output in reserve, and takes the holder’s own away', async () => {
    const asset = await issue();
    const basket = `art ${randomUUID()}`;
    const { subject, input } = planStock([{ tags: ['rare'] }], { basket, organisation: 'seller' });
    await commitTransition(db, input);
    const want = { outputs: 1 };
    const holder = {
      id: randomUUID(),
      organisation: 'seller',
      identityKey: 'a colleague',
      basket,
      want,
      ttlMs: 60_000,
    };
    await reserveOutputs(db, holder);
    expect(await drop(outpointOf(subject), basket)).toMatchObject({ rejection: { code: 'output-reserved' } });
    const colleague = { ...seller, identityKey: 'a colleague' };
    expect(await drop(outpointOf(subject), basket, colleague)).toMatchObject({ ok: true });
    expect(await listBasketOutputs(db, 'seller', basket, { limit: 1, tags: ['rare'] })).toEqual({
      total: 0,
      outputs: [],
    });
    expect(await drop(outpointOf(asset))).toMatchObject({ ok: true });
  });
});
