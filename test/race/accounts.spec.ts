import { randomUUID } from 'node:crypto';
import {
  claimPayment,
  commitTransition,
  creditUnserved,
  drawAlone,
  endService,
  readAccount,
  type AccountDraw,
} from '#ledger';
import {
  buildPlainTransaction,
  plainPayer,
  planPlainClaim,
  planPlainCommit,
  planPlainDraw,
  planPlainUse,
  randomOutpoint,
  topUpPlainly,
  type PlainPayer,
} from '#testkit';
import type { DataSource } from 'typeorm';
import { openReplicas } from './open-replicas';

/** Merge size; `npm run test:race:full` plays more. */
const DRAWS = Number(process.env['RACE_ACCOUNT_DRAWS'] ?? 600);
const ROUNDS = Math.ceil(DRAWS / 30);
/** Requests at once, half of them at each replica. */
const LANES = 8;

jest.setTimeout(900_000);

const replicas = openReplicas();

const runAll = async <T>(count: number, act: (turn: number, db: DataSource) => Promise<T>): Promise<T[]> => {
  const answers: T[] = [];
  let next = 0;
  const lane = async (db: DataSource): Promise<void> => {
    while (next < count) answers.push(await act(next++, db));
  };
  await Promise.all(Array.from({ length: LANES }, (_, at) => lane(replicas[at % 2 === 0 ? 0 : 1])));
  return answers;
};

const tally = (answers: readonly string[]): Record<string, number> =>
  answers.reduce<Record<string, number>>((sums, each) => ({ ...sums, [each]: (sums[each] ?? 0) + 1 }), {});

/** Alone, or in the COMMIT of a submission. */
const draw = async (db: DataSource, payer: PlainPayer, asked: AccountDraw, isAlone: boolean): Promise<string> => {
  const { organisation } = payer;
  const plan = {
    ...planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]), organisation }),
    draw: asked,
  };
  const done = isAlone ? await drawAlone(db, payer, asked) : await commitTransition(db, plan);
  if (!done.ok) return done.rejection.code;
  return typeof done.value === 'string' ? done.value : done.value.kind;
};

/** Bounded, counted and paid too much: all that a payment locks. */
const buy = async (db: DataSource, payer: PlainPayer): Promise<void> => {
  const uses = [planPlainUse(payer.organisation, 1)];
  const { input } = await planPlainClaim(db, payer, { price: 10, satoshis: 15, uses });
  expect(await claimPayment(db, { ...input, exposure: { payerMax: 1e9, totalMax: 1e9 } })).toMatchObject({ ok: true });
};

describe('two replicas over one account', () => {
  it('draw what was paid ahead and not a satoshi more', async () => {
    const payer = plainPayer();
    const paid = Math.floor(DRAWS / 2) * 3;
    await topUpPlainly(replicas[0], payer, paid);
    const answers = await runAll(DRAWS, (turn, db) => draw(db, payer, planPlainDraw(3), turn % 3 !== 0));
    const { drawn = 0, applied = 0, 'account-exhausted': refused = 0 } = tally(answers);
    expect([(drawn + applied) * 3, refused]).toEqual([paid, DRAWS - Math.floor(DRAWS / 2)]);
    expect(await readAccount(replicas[1], payer.organisation)).toMatchObject({ balance: 0 });
  });

  it('use an allowance up and never beyond', async () => {
    const payer = plainPayer();
    const granted = Math.floor(DRAWS / 3);
    const uses = [planPlainUse(payer.organisation, 1, granted)];
    const answers = await runAll(DRAWS, (turn, db) => draw(db, payer, planPlainDraw(0, { uses }), turn % 3 !== 0));
    const { drawn = 0, applied = 0 } = tally(answers);
    expect(drawn + applied).toBe(granted);
    expect((await readAccount(replicas[0], payer.organisation, uses)).used).toEqual([granted]);
  });

  it('draw once for one request, whoever is asked', async () => {
    const payer = plainPayer();
    await topUpPlainly(replicas[0], payer, ROUNDS * 10);
    for (let round = 0; round < ROUNDS; round += 1) {
      const asked = planPlainDraw(10, { uses: [planPlainUse(payer.organisation, 1)] });
      const answers = await runAll(LANES, (_, db) => draw(db, payer, asked, true));
      expect(tally(answers)).toEqual({ drawn: 1, replayed: LANES - 1 });
    }
    expect(await readAccount(replicas[0], payer.organisation)).toMatchObject({ balance: 0 });
  });

  it('serve a payment or give it back, and never both', async () => {
    const ends: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const payer = plainPayer();
      const { input, key } = await planPlainClaim(replicas[0], payer);
      // Two requests of one payment: one is served, one fails, at the same time.
      await Promise.all(replicas.map((db) => claimPayment(db, input)));
      const [, credited] = await Promise.all([
        endService(replicas[0], [{ organisation: payer.organisation, key }]),
        creditUnserved(replicas[1], payer, key, false),
      ]);
      const { balance } = await readAccount(replicas[0], payer.organisation);
      ends.push(`${String(credited)} ${String(balance)}`);
    }
    expect(tally(ends)).toEqual({ 'false 0': ROUNDS });
  });

  it('serve a payment again or give it back, and never both', async () => {
    const ends: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const payer = plainPayer();
      const { input, key } = await planPlainClaim(replicas[0], payer);
      await claimPayment(replicas[0], input);
      const [again, credited] = await Promise.all([
        claimPayment(replicas[1], input),
        creditUnserved(replicas[0], payer, key, false),
      ]);
      const { balance } = await readAccount(replicas[0], payer.organisation);
      ends.push(`${again.ok ? again.value : again.rejection.code} ${String(credited)} ${String(balance)}`);
    }
    const { 'replayed false 0': served = 0, 'payment-credited true 200': back = 0 } = tally(ends);
    expect([served + back, tally(ends)]).toEqual([ROUNDS, expect.anything()]);
  });

  it('give back once what both found unserved', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const payer = plainPayer();
      const { input, key } = await planPlainClaim(replicas[0], payer);
      await claimPayment(replicas[0], input);
      const credits = await Promise.all(replicas.map((db) => creditUnserved(db, payer, key, false)));
      expect(credits.filter(Boolean)).toHaveLength(1);
      expect(await readAccount(replicas[0], payer.organisation)).toMatchObject({ balance: 200 });
    }
  });

  it('let many who pay, draw and top up at once add up', async () => {
    const payers = Array.from({ length: 4 }, () => plainPayer(`mixed-${randomUUID()}`));
    for (const payer of payers) await topUpPlainly(replicas[0], payer, 1_000);
    await runAll(Math.ceil(DRAWS / 3), async (turn, db) => {
      const payer = payers[turn % payers.length] as PlainPayer;
      if (turn % 5 === 0) await topUpPlainly(db, payer, 50);
      else if (turn % 5 === 1) await buy(db, payer);
      else await draw(db, payer, planPlainDraw(7, { uses: [planPlainUse(payer.organisation, 1)] }), turn % 2 === 0);
    });
    // That they add up is for fsck to say, afterwards.
    for (const { organisation } of payers) {
      expect((await readAccount(replicas[1], organisation)).balance).toBeGreaterThanOrEqual(0);
    }
  });
});
