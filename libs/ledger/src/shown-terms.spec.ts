import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';
import { makeOutpoint, txidFromWire } from '#atomic-core';
import { findOrCreateQuote } from './quotes';
import {
  findHeldPayment,
  findStrangerPrice,
  forgetPayment,
  holdPayment,
  openShownTerms,
  prefixOfShown,
  seePayment,
} from './shown-terms';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(() => database.drop());

const db = () => database.dataSource;
let count = 0;
const octets = (): Buffer => Buffer.alloc(32, (count += 1));

const open = async (over: { satoshis?: number; organisation?: string; requestDigest?: Buffer } = {}) => {
  const prefix = octets().toString('hex');
  const identityKey = `key ${prefix}`;
  const asked = {
    method: 'GET',
    path: '/v1/x',
    satoshis: 5,
    ttlMs: 60_000,
    organisation: 'acme',
    requestDigest: octets(),
  };
  return findOrCreateQuote(db(), { ...asked, prefix, identityKey, planVersion: 'v', ...over });
};

describe('a payment that has come for terms', () => {
  it('is noted where it is of this identity and request, once, and forgotten by itself alone', async () => {
    const quote = await open();
    const [mark, other] = [octets(), octets()];
    expect(await seePayment(db(), { ...quote, identityKey: 'another', mark })).toMatchObject({ seen: false });
    expect(await seePayment(db(), { ...quote, requestDigest: octets(), mark })).toMatchObject({ seen: false });
    expect(await seePayment(db(), { ...quote, mark })).toMatchObject({ seen: true, held: false });
    expect(await seePayment(db(), { ...quote, mark: other })).toMatchObject({ seen: true });
    await forgetPayment(db(), { prefix: quote.prefix, mark: other });
    expect(await seePayment(db(), { ...quote, mark: other })).toMatchObject({ seen: true });
    await forgetPayment(db(), { prefix: quote.prefix, mark });
    expect(await findOrCreateQuote(db(), { ...quote, ttlMs: 1 })).toMatchObject({ prefix: quote.prefix, seen: false });
    expect(await seePayment(db(), { ...quote, prefix: 'of nobody', mark })).toBeUndefined();
  });

  it('is kept while it is small, by its mark, and gone when it is forgotten', async () => {
    const quote = await open();
    const mark = octets();
    const payment = { suffix: 's', beef: Buffer.from('beef') };
    await holdPayment(db(), { prefix: quote.prefix, mark }, payment);
    expect(await findHeldPayment(db(), quote.prefix)).toBeUndefined();
    await seePayment(db(), { ...quote, mark });
    await holdPayment(db(), { prefix: quote.prefix, mark }, { ...payment, beef: Buffer.alloc(65_537) });
    expect(await findHeldPayment(db(), quote.prefix)).toBeUndefined();
    await holdPayment(db(), { prefix: quote.prefix, mark }, payment);
    expect(await findHeldPayment(db(), quote.prefix)).toEqual(payment);
    await forgetPayment(db(), { prefix: quote.prefix, mark });
    expect(await findHeldPayment(db(), quote.prefix)).toBeUndefined();
  });

  it('is kept no more where a thousand are', async () => {
    await database.owner.query(
      `insert into portcullis.payment_quote (prefix, organisation, identity_key, request_digest, method, path, satoshis, expires_at, payment_beef)
       select 'held ' || n, 'acme', 'key ' || n, sha256(n::text::bytea), 'GET', '/', 1, now(), 'x' from generate_series(1, 1000) n`,
    );
    const quote = await open();
    const mark = octets();
    await seePayment(db(), { ...quote, mark });
    await holdPayment(db(), { prefix: quote.prefix, mark }, { suffix: 's', beef: Buffer.from('beef') });
    expect(await findHeldPayment(db(), quote.prefix)).toBeUndefined();
  });
});

describe('the terms of a payment that names none', () => {
  const show = (over: Record<string, unknown> = {}) =>
    openShownTerms(db(), {
      ...{
        outpoint: makeOutpoint(txidFromWire(octets()), 1),
        organisation: 'public',
        identityKey: 'nobody',
        payer: 'p',
      },
      ...{ requestDigest: octets(), method: 'POST', path: '/lookup', satoshis: 5, planVersion: 'v' },
      ...{ atMs: Date.now(), lifeMs: 30_000, aheadMs: 30_000, ...over },
    });

  it('are named after its output and of the request that it came with last, until it is taken', async () => {
    const outpoint = makeOutpoint(txidFromWire(octets()), 1);
    const [first, second, third] = [octets(), octets(), octets()];
    expect(await show({ outpoint, requestDigest: first })).toMatchObject({ prefix: prefixOfShown(outpoint) });
    expect((await show({ outpoint, requestDigest: second }))?.requestDigest).toEqual(second);
    const taken = `update portcullis.payment_quote set claimed_at = now() where prefix = $1`;
    await database.owner.query(taken, [prefixOfShown(outpoint)]);
    expect(await show({ outpoint, requestDigest: third })).toMatchObject({ requestDigest: second, claimed: true });
    // However late: it may be served again for a while, which the claim decides.
    expect(await show({ outpoint, atMs: Date.now() - 60_000 })).toMatchObject({ claimed: true });
  });

  it.each([
    ['thirty-one seconds ago', -31_000, false],
    ['a moment ago', -29_000, true],
    ['in a moment', 29_000, true],
    ['in half a minute and more', 31_000, false],
  ])('are there or not for one of %s', async (_when, aheadOfNowMs, isThere) => {
    expect((await show({ atMs: Date.now() + aheadOfNowMs })) !== undefined).toBe(isThere);
  });

  it('cost what strangers were told at the least, in terms that are open', async () => {
    const requestDigest = octets();
    for (const [satoshis, organisation] of [
      [9, 'public'],
      [7, 'public'],
      [1, 'acme'],
    ] as const)
      await open({ satoshis, organisation, requestDigest });
    await show({ satoshis: 2, requestDigest });
    expect(await findStrangerPrice(db(), requestDigest, 0)).toBe(7);
    expect(await findStrangerPrice(db(), octets(), 0)).toBeUndefined();
    const ended = `update portcullis.payment_quote set expires_at = now() - interval '10 seconds' where request_digest = $1`;
    await database.owner.query(ended, [requestDigest]);
    expect(await findStrangerPrice(db(), requestDigest, 9_000)).toBeUndefined();
    expect(await findStrangerPrice(db(), requestDigest, 11_000)).toBe(7);
  });
});
