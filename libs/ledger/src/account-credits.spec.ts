import { randomUUID } from 'node:crypto';
import {
  buildPlainTransaction,
  createTestDatabase,
  plainPayer,
  planPlainClaim,
  planPlainCommit,
  planPlainDraw,
  planPlainUse,
  randomOutpoint,
  topUpPlainly,
} from '#testkit';
import type { PlainPayer, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { creditUnserved, drawAlone, readAccount } from './accounts';
import { claimPayment } from './claim-payment';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { isProposalPaid } from './proposals';
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

const usedBy = async ({ organisation }: PlainPayer): Promise<readonly number[]> =>
  (await readAccount(db, organisation, [planPlainUse(organisation, 0)])).used;

describe('what was given back', () => {
  it('counts for nothing: neither an allowance nor a volume is used up by it', async () => {
    const payer = plainPayer();
    await topUpPlainly(db, payer, 100);
    const draw = planPlainDraw(5, { uses: [planPlainUse(payer.organisation, 3)] });
    await drawAlone(db, payer, draw);
    const { input, key } = await planPlainClaim(db, payer, { uses: [planPlainUse(payer.organisation, 4)] });
    await claimPayment(db, input);
    expect(await usedBy(payer)).toEqual([7]);
    await creditUnserved(db, payer, draw.key, false);
    await creditUnserved(db, payer, key, false);
    expect(await usedBy(payer)).toEqual([0]);
    const free = planPlainDraw(0, { uses: [planPlainUse(payer.organisation, 1, 1)] });
    await drawAlone(db, payer, free);
    expect(await creditUnserved(db, payer, free.key, false)).toBe(false);
    expect(await usedBy(payer)).toEqual([0]);
  });

  it('pays for no proposal', async () => {
    const payer = plainPayer();
    const { input, key, requestDigest } = await planPlainClaim(db, payer);
    await claimPayment(db, input);
    const terms = Buffer.alloc(32, 7);
    expect(await isProposalPaid(db, { identityKey: payer.identityKey, requestDigest }, terms)).toBe(true);
    await creditUnserved(db, payer, key, false);
    expect(await isProposalPaid(db, { identityKey: payer.identityKey, requestDigest }, terms)).toBe(false);
  });
});

describe('whoever owes', () => {
  it('buys nothing, neither by terms of before nor in a COMMIT, until it has paid', async () => {
    const payer = plainPayer();
    const [bad, open] = [await planPlainClaim(db, payer), await planPlainClaim(db, payer)];
    await claimPayment(db, bad.input);
    await retractTransition(db, bad.transaction.txid, 'double spent');
    expect(await claimPayment(db, open.input)).toMatchObject({ rejection: { code: 'payment-debt-open' } });
    const subject = buildPlainTransaction([randomOutpoint()]);
    const { transaction, requestDigest, input } = await planPlainClaim(db, payer);
    const { organisation, identityKey } = payer;
    const payment = { transaction, vout: 0, prefix: input.prefix };
    const commit = planPlainCommit({ subject, organisation, identityKey, requestDigest, payment });
    expect(await commitTransition(db, commit)).toMatchObject({ rejection: { code: 'payment-debt-open' } });
    await topUpPlainly(db, payer, 200);
    expect(await claimPayment(db, open.input)).toEqual({ ok: true, value: 'claimed' });
    expect(await commitTransition(db, commit)).toMatchObject({ ok: true });
  });

  it('owes as its organisation, when one of it pays without a session', async () => {
    const [stranger, acme] = [plainPayer(), plainPayer(`acme-${randomUUID()}`)];
    const { input, transaction } = await planPlainClaim(db, stranger, { price: 200, satoshis: 230 });
    expect(await claimPayment(db, { ...input, holder: acme.organisation })).toEqual({ ok: true, value: 'claimed' });
    expect(await readAccount(db, acme.organisation)).toMatchObject({ balance: 30, debt: 0 });
    await retractTransition(db, transaction.txid, 'double spent');
    expect(await readAccount(db, acme.organisation)).toMatchObject({ balance: 30, debt: 230 });
    expect(await readAccount(db, stranger.organisation)).toMatchObject({ balance: 0, debt: 0 });
  });
});
