import { randomUUID } from 'node:crypto';
import { sha256 } from '#atomic-core';
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
import { creditUnserved, drawAlone, endService, listEntries, listUnserved, pruneUses, readAccount } from './accounts';
import { claimPayment, isRequestPaid, keyOfRequest } from './claim-payment';
import type { AccountDraw, ExposureBounds } from './commit-input';
import { commitTransition } from './commit-transition';
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

const codeOf = (result: Awaited<ReturnType<typeof drawAlone>>): string =>
  result.ok ? result.value : result.rejection.code;
const standingOf = async ({ organisation }: PlainPayer): Promise<[number, number]> => {
  const { balance, debt } = await readAccount(db, organisation);
  return [balance, debt];
};

describe('an account', () => {
  it('is empty before anything was paid, and holds what was paid ahead', async () => {
    const payer = plainPayer();
    expect(await standingOf(payer)).toEqual([0, 0]);
    await topUpPlainly(db, payer, 1_000);
    await topUpPlainly(db, payer, 500);
    expect(await standingOf(payer)).toEqual([1_500, 0]);
  });

  it('is drawn on to the last satoshi and no further', async () => {
    const payer = plainPayer();
    await topUpPlainly(db, payer, 100);
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(60)))).toBe('drawn');
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(41)))).toBe('account-exhausted');
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(40)))).toBe('drawn');
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(1)))).toBe('account-exhausted');
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(0)))).toBe('drawn');
    expect(await standingOf(payer)).toEqual([0, 0]);
  });

  it('goes below zero as far as credit is given, and comes back', async () => {
    const payer = plainPayer();
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(300, { creditLimit: 300 })))).toBe('drawn');
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(1, { creditLimit: 300 })))).toBe('account-exhausted');
    await topUpPlainly(db, payer, 350);
    expect(await standingOf(payer)).toEqual([50, 0]);
  });

  it('draws once for one key, and says so as long as an answer may be asked for again', async () => {
    const payer = plainPayer();
    await topUpPlainly(db, payer, 100);
    const draw = planPlainDraw(60);
    expect(codeOf(await drawAlone(db, payer, draw))).toBe('drawn');
    expect(codeOf(await drawAlone(db, payer, draw))).toBe('replayed');
    expect(await standingOf(payer)).toEqual([40, 0]);
    await database.owner.query(`update portcullis.account_entry set at = at - interval '11 minutes' where key = $1`, [
      draw.key,
    ]);
    expect(codeOf(await drawAlone(db, payer, draw))).toBe('payment-already-spent');
  });

  it('keeps what is paid above the price', async () => {
    const payer = plainPayer();
    const { input } = await planPlainClaim(db, payer, { price: 200, satoshis: 275 });
    expect(await claimPayment(db, input)).toEqual({ ok: true, value: 'claimed' });
    expect(await claimPayment(db, input)).toEqual({ ok: true, value: 'replayed' });
    expect(await standingOf(payer)).toEqual([75, 0]);
  });

  it('keeps what is left of a ceiling, and charges no more than the terms', async () => {
    const payer = plainPayer();
    for (const charged of [30, 1_000]) {
      const { input } = await planPlainClaim(db, payer, { price: 100 });
      expect(await claimPayment(db, { ...input, charged })).toEqual({ ok: true, value: 'claimed' });
      expect(await standingOf(payer)).toEqual([70, 0]);
    }
  });

  it('is drawn on in the COMMIT, with it or not at all', async () => {
    const payer = plainPayer();
    await topUpPlainly(db, payer, 500);
    const planPaid = (draw: AccountDraw, coin = randomOutpoint()) => ({
      ...planPlainCommit({ subject: buildPlainTransaction([coin]), organisation: payer.organisation }),
      draw,
    });
    const coin = randomOutpoint();
    const committed = planPaid(planPlainDraw(200), coin);
    expect(await commitTransition(db, committed)).toMatchObject({ value: { kind: 'applied' } });
    expect(await commitTransition(db, committed)).toMatchObject({ value: { kind: 'replayed' } });
    expect(await standingOf(payer)).toEqual([300, 0]);
    const loser = await commitTransition(db, planPaid(planPlainDraw(200), coin));
    expect(loser).toMatchObject({ rejection: { code: 'outpoint-spent' } });
    const dear = await commitTransition(db, planPaid(planPlainDraw(301)));
    expect(dear).toMatchObject({ rejection: { code: 'account-exhausted' } });
    expect(await standingOf(payer)).toEqual([300, 0]);
  });

  it('shows its own organisation every entry with its leaf, newest first', async () => {
    const payer = plainPayer();
    await topUpPlainly(db, payer, 500);
    await drawAlone(db, payer, planPlainDraw(200, { key: 'one' }));
    const entries = await listEntries(db, payer.organisation, 1e9, 10);
    expect(entries).toMatchObject([
      {
        seq: 2,
        kind: 'draw',
        satoshis: -200,
        balance: 300,
        key: 'one',
        plan: 'standard@1',
        auditLeaf: expect.any(Number),
      },
      { seq: 1, kind: 'top-up', satoshis: 500, balance: 500, auditLeaf: expect.any(Number) },
    ]);
    expect(await listEntries(db, 'somebody', 1e9, 10)).toEqual([]);
    expect(await listEntries(db, payer.organisation, 2, 10)).toMatchObject([{ seq: 1 }]);
  });
});

describe('what is counted', () => {
  it('ends where its grant ends, however the requests are paid for', async () => {
    const payer = plainPayer();
    const { organisation } = payer;
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(0, { uses: [planPlainUse(organisation, 2, 3)] })))).toBe(
      'drawn',
    );
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(0, { uses: [planPlainUse(organisation, 2, 3)] })))).toBe(
      'account-exhausted',
    );
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(0, { uses: [planPlainUse(organisation, 4, 3)] })))).toBe(
      'account-exhausted',
    );
    const { input } = await planPlainClaim(db, payer, { uses: [planPlainUse(organisation, 5)] });
    expect(await claimPayment(db, input)).toMatchObject({ ok: true });
    const counters = [planPlainUse(organisation, 0), { ...planPlainUse(organisation, 0), counter: 'writes' }];
    expect((await readAccount(db, organisation, counters)).used).toEqual([7, 0]);
  });

  it('is undone with a draw that is refused', async () => {
    const payer = plainPayer();
    const { organisation } = payer;
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(1, { uses: [planPlainUse(organisation, 1)] })))).toBe(
      'account-exhausted',
    );
    expect((await readAccount(db, organisation, [planPlainUse(organisation, 0)])).used).toEqual([0]);
  });

  it('is forgotten long after its period', async () => {
    const { organisation } = plainPayer();
    const past = { ...planPlainUse(organisation, 1), starts: new Date('2020-01-01'), ends: new Date('2020-02-01') };
    await drawAlone(db, plainPayer(organisation), planPlainDraw(0, { uses: [past, planPlainUse(organisation, 1)] }));
    expect(await pruneUses(db)).toBe(1);
    expect((await readAccount(db, organisation, [past, planPlainUse(organisation, 0)])).used).toEqual([0, 1]);
  });
});

describe('what was taken and could not be served', () => {
  it('is given back once, and its payment buys nothing any more', async () => {
    const payer = plainPayer();
    const { input, key, requestDigest } = await planPlainClaim(db, payer);
    await claimPayment(db, input);
    expect(await isRequestPaid(db, payer, requestDigest)).toBe(true);
    expect(await creditUnserved(db, payer, key, false)).toBe(true);
    expect(await creditUnserved(db, payer, key, false)).toBe(false);
    expect(await standingOf(payer)).toEqual([200, 0]);
    expect(await claimPayment(db, input)).toMatchObject({ rejection: { code: 'payment-credited' } });
    expect(await isRequestPaid(db, payer, requestDigest)).toBe(false);
  });

  it('is given back of a draw too', async () => {
    const payer = plainPayer();
    await topUpPlainly(db, payer, 100);
    const requestDigest = sha256(Buffer.from(randomUUID()));
    const draw = planPlainDraw(60, { key: keyOfRequest(requestDigest) });
    await drawAlone(db, payer, draw);
    expect(await isRequestPaid(db, payer, requestDigest)).toBe(true);
    expect(await creditUnserved(db, payer, draw.key, false)).toBe(true);
    expect(await standingOf(payer)).toEqual([100, 0]);
    expect(codeOf(await drawAlone(db, payer, draw))).toBe('payment-credited');
    expect(await isRequestPaid(db, payer, requestDigest)).toBe(false);
  });

  it('stays taken where it was served, and while another request is at it', async () => {
    const payer = plainPayer();
    const served = await planPlainClaim(db, payer);
    await claimPayment(db, served.input);
    await endService(db, [{ organisation: payer.organisation, key: served.key }]);
    expect(await creditUnserved(db, payer, served.key, false)).toBe(false);
    expect(await claimPayment(db, served.input)).toEqual({ ok: true, value: 'replayed' });
    const shared = await planPlainClaim(db, payer);
    await claimPayment(db, shared.input);
    expect(await claimPayment(db, shared.input)).toEqual({ ok: true, value: 'replayed' });
    expect(await creditUnserved(db, payer, shared.key, false)).toBe(false);
    expect(await standingOf(payer)).toEqual([0, 0]);
    expect(await creditUnserved(db, payer, shared.key, false)).toBe(true);
    expect(await standingOf(payer)).toEqual([200, 0]);
  });

  it('is found when its process died, after its time and not before', async () => {
    const payer = plainPayer();
    const lost = await planPlainClaim(db, payer);
    await claimPayment(db, lost.input);
    await claimPayment(db, lost.input);
    expect(await creditUnserved(db, payer, lost.key, true)).toBe(false);
    // Two requests are at it still: one that fails gives nothing back.
    expect(await creditUnserved(db, payer, lost.key, false)).toBe(false);
    await database.owner.query('update portcullis.unserved set until = now() where key = $1', [lost.key]);
    expect(await listUnserved(db)).toEqual([
      { organisation: payer.organisation, key: lost.key, identityKey: payer.identityKey },
    ]);
    expect(await creditUnserved(db, payer, lost.key, true)).toBe(true);
    expect(await listUnserved(db)).toEqual([]);
    expect(await standingOf(payer)).toEqual([200, 0]);
  });
});

describe('a payment that the network refuses after it was taken', () => {
  it('is owed, stops every draw, and is paid before anything is kept', async () => {
    const payer = plainPayer();
    const { input, transaction } = await planPlainClaim(db, payer);
    await topUpPlainly(db, payer, 1_000);
    await claimPayment(db, input);
    await retractTransition(db, transaction.txid, 'double spent');
    expect(await standingOf(payer)).toEqual([1_000, 200]);
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(1)))).toBe('payment-debt-open');
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(0)))).toBe('payment-debt-open');
    await topUpPlainly(db, payer, 150);
    expect(await standingOf(payer)).toEqual([1_000, 50]);
    await topUpPlainly(db, payer, 150);
    expect(await standingOf(payer)).toEqual([1_100, 0]);
    expect(codeOf(await drawAlone(db, payer, planPlainDraw(1)))).toBe('drawn');
  });

  it('leaves no free money behind, whether it was paid ahead, left over or given back', async () => {
    const payer = plainPayer();
    await retractTransition(db, (await topUpPlainly(db, payer, 700)).txid, 'double spent');
    expect(await standingOf(payer)).toEqual([700, 700]);
    const failed = plainPayer();
    const { input, transaction, key } = await planPlainClaim(db, failed, { price: 200, satoshis: 250 });
    await claimPayment(db, input);
    await retractTransition(db, transaction.txid, 'double spent');
    expect(await standingOf(failed)).toEqual([50, 250]);
    expect(await creditUnserved(db, failed, key, false)).toBe(true);
    expect(await standingOf(failed)).toEqual([50, 50]);
  });
});

describe('what is served before the network has the payment', () => {
  const claim = async (payer: PlainPayer, exposure: ExposureBounds): Promise<string> => {
    const { input } = await planPlainClaim(db, payer);
    const claimed = await claimPayment(db, { ...input, exposure });
    return claimed.ok ? claimed.value : claimed.rejection.code;
  };
  it('is bounded for one payer, and free again when the network has it', async () => {
    const payer = plainPayer();
    const bounds = { payerMax: 500 };
    expect([await claim(payer, bounds), await claim(payer, bounds), await claim(payer, bounds)]).toEqual([
      ...['claimed', 'claimed', 'payment-exposed'],
    ]);
    expect(await claim(plainPayer(), bounds)).toBe('claimed');
    await database.owner.query(`update portcullis.payment_claim set settlement = 'broadcast' where organisation = $1`, [
      payer.organisation,
    ]);
    expect(await claim(payer, bounds)).toBe('claimed');
  });

  it('is bounded for all payers together', async () => {
    const [{ exposed }] = await db.query<[{ exposed: number }]>(
      `select sum(satoshis)::float8 as exposed from portcullis.payment_claim where settlement = 'applied'`,
    );
    expect(await claim(plainPayer(), { totalMax: exposed + 199 })).toBe('payment-exposed');
    expect(await claim(plainPayer(), { totalMax: exposed + 200 })).toBe('claimed');
  });
});
