import { sha256 } from '#atomic-core';
import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, randomOutpoint } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { claimPayment } from './claim-payment';
import { commitTransition } from './commit-transition';
import { findTransition } from './find-transition';
import { fsck } from './fsck';
import { findOrCreateQuote, findQuote } from './quotes';

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

describe('payment in the COMMIT', () => {
  const digest = (): Buffer => sha256(Buffer.from(crypto.randomUUID()));
  const quote = (requestDigest: Uint8Array, over = {}) =>
    findOrCreateQuote(db, {
      prefix: crypto.randomUUID(),
      organisation: 'acme',
      identityKey: 'key of acme',
      requestDigest,
      method: 'POST',
      path: '/v1/submissions',
      satoshis: 200,
      ttlMs: 60_000,
      ...over,
    });
  const pay = (satoshis = 200) => buildPlainTransaction([randomOutpoint()], [satoshis]);
  const submit = (requestDigest: Uint8Array, prefix: string, transaction = pay()) =>
    planPlainCommit({
      subject: buildPlainTransaction([randomOutpoint()]),
      requestDigest,
      payment: { transaction, vout: 0, prefix },
    });

  it('keeps prefix and price while the quote is open, and makes a new one after it expired or was paid', async () => {
    const requestDigest = digest();
    const first = await quote(requestDigest);
    expect(await quote(requestDigest, { satoshis: 900 })).toEqual(first);
    await database.owner.query(`update portcullis.payment_quote set expires_at = now() where prefix = $1`, [
      first.prefix,
    ]);
    const second = await quote(requestDigest);
    expect(second.prefix).not.toBe(first.prefix);
    expect(await findQuote(db, first.prefix)).toMatchObject({ expired: true });
    expect(await commitTransition(db, submit(requestDigest, second.prefix))).toMatchObject({ ok: true });
    expect(await findQuote(db, second.prefix)).toMatchObject({ claimed: true, satoshis: 200 });
    expect((await quote(requestDigest)).prefix).not.toBe(second.prefix);
  });

  it('opens one quote for many askers at once', async () => {
    const requestDigest = digest();
    const quotes = await Promise.all(Array.from({ length: 20 }, () => quote(requestDigest)));
    expect(new Set(quotes.map(({ prefix }) => prefix)).size).toBe(1);
  });

  it('claims the payment with what it pays for, and refuses it for anything else', async () => {
    const requestDigest = digest();
    const { prefix } = await quote(requestDigest);
    const transaction = pay();
    const input = submit(requestDigest, prefix, transaction);
    expect(await commitTransition(db, input)).toMatchObject({ ok: true });
    expect(await commitTransition(db, input)).toMatchObject({ ok: true, value: { kind: 'replayed' } });
    expect(await findTransition(db, 'acme', input.transition.id)).toMatchObject({
      payment: { outpoint: `${transaction.txid}.0`, satoshis: 200, settlement: 'applied' },
    });
    const other = digest();
    const next = await quote(other);
    await expectRefusal(() => commitTransition(db, submit(other, next.prefix, transaction)), 'payment-already-spent');
    await expectRefusal(() => commitTransition(db, submit(other, prefix, transaction)), 'payment-already-spent');
    await expectRefusal(() => commitTransition(db, submit(other, prefix)), 'payment-quote-unknown');
  });

  it('refuses unknown, expired, foreign and underpaid terms', async () => {
    const requestDigest = digest();
    const open = await quote(requestDigest);
    await expectRefusal(() => commitTransition(db, submit(requestDigest, 'nobody')), 'payment-quote-unknown');
    await expectRefusal(() => commitTransition(db, submit(requestDigest, open.prefix, pay(199))), 'payment-underpaid');
    const foreign = await quote(requestDigest, { identityKey: 'key of other', organisation: 'other' });
    await expectRefusal(() => commitTransition(db, submit(requestDigest, foreign.prefix)), 'payment-quote-unknown');
    const expired = digest();
    const { prefix } = await quote(expired, { ttlMs: -1 });
    await expectRefusal(() => commitTransition(db, submit(expired, prefix)), 'payment-quote-expired');
  });

  it('claims for a route that changes nothing else, once, and replays until ten minutes after the terms', async () => {
    const requestDigest = digest();
    const { prefix } = await quote(requestDigest);
    const transaction = pay();
    const claim = {
      outpoint: outpointOf(transaction),
      prefix,
      satoshis: 200,
      organisation: 'acme',
      identityKey: 'key of acme',
      requestDigest,
      transactions: [transaction],
      spends: transaction.spends.map((outpoint) => ({ outpoint, spenderTxid: transaction.txid })),
      outbox: [],
      leaf: Buffer.from('claim'),
    };
    expect(await claimPayment(db, claim)).toEqual({ ok: true, value: 'claimed' });
    const before = await countRows();
    expect(await claimPayment(db, claim)).toEqual({ ok: true, value: 'replayed' });
    expect(await countRows()).toEqual(before);
    const renewed = await quote(requestDigest);
    await expectRefusal(() => claimPayment(db, { ...claim, prefix: renewed.prefix }), 'payment-already-spent');
    const again = pay();
    const twice = { ...claim, outpoint: outpointOf(again), transactions: [again], spends: [] };
    await expectRefusal(() => claimPayment(db, twice), 'payment-already-spent');
    const endTerms = (minutes: number): Promise<unknown> =>
      database.owner.query(
        `update portcullis.payment_quote set expires_at = now() - $2 * interval '1 minute' where prefix = $1`,
        [prefix, minutes],
      );
    await endTerms(9);
    expect(await claimPayment(db, claim)).toEqual({ ok: true, value: 'replayed' });
    await endTerms(10);
    await expectRefusal(() => claimPayment(db, claim), 'payment-already-spent', 'no longer');
  });
});
