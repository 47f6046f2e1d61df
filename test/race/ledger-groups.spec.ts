import { randomUUID } from 'node:crypto';
import { commitTransition, commitTransitions, fsck } from '#ledger';
import type { CommitInput } from '#ledger';
import { buildPlainTransaction, createTestDatabase, planPlainCommit, randomOutpoint } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';

/** Merge size; RELIABILITY §5 has the nightly figures. A round here is some dozen COMMITs. */
const ROUNDS = Math.ceil(Number(process.env['RACE_ROUNDS'] ?? 200) / 5);
const COINS = 12;

jest.setTimeout(180_000);

let database: TestDatabase;
let left: DataSource;
let right: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  left = database.dataSource;
  right = await database.openPool();
}, 90_000);
afterEach(async () => {
  expect((await fsck(left)).filter(({ ok }) => !ok)).toEqual([]);
  const [row] = await database.owner.query<{ deadlocks: number }[]>(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  expect(row?.deadlocks).toBe(0);
});
afterAll(() => database.drop());

type Coins = readonly ReturnType<typeof randomOutpoint>[];
const spending = (...outpoints: Coins): CommitInput => planPlainCommit({ subject: buildPlainTransaction(outpoints) });
const outcomesOf = async (db: DataSource, inputs: readonly CommitInput[]): Promise<string[]> => {
  const committed = await commitTransitions(db, inputs);
  if (!committed.ok) throw new Error(committed.rejection.code);
  return committed.value.map((each) => (each.ok ? each.value.kind : each.rejection.code));
};
const singly = async (db: DataSource, input: CommitInput): Promise<string> => {
  const outcome = await commitTransition(db, input);
  return outcome.ok ? outcome.value.kind : outcome.rejection.code;
};
const rounds = async (play: () => Promise<void>): Promise<void> => {
  for (let round = 0; round < ROUNDS; round += 1) await play();
};
const makeCoins = (): Coins => Array.from({ length: COINS }, () => randomOutpoint());

describe('groups of COMMITs race', () => {
  it('the same group at two replicas is applied once and answered twice', async () => {
    await rounds(async () => {
      const inputs = makeCoins().map((coin) => spending(coin));
      const again = inputs.map((input) => ({ ...input, transition: { ...input.transition, id: randomUUID() } }));
      const outcomes = await Promise.all([outcomesOf(left, inputs), outcomesOf(right, again)]);
      for (let place = 0; place < COINS; place += 1) {
        expect(outcomes.map((each) => each[place]).sort()).toEqual(['applied', 'replayed']);
      }
    });
  });

  it('two groups that fight over coins in opposite order give each coin one winner', async () => {
    await rounds(async () => {
      const coins = makeCoins();
      const outcomes = await Promise.all([
        outcomesOf(
          left,
          coins.map((coin) => spending(coin)),
        ),
        outcomesOf(
          right,
          [...coins].reverse().map((coin) => spending(coin)),
        ),
      ]);
      const [forward, backward] = outcomes;
      for (let place = 0; place < COINS; place += 1) {
        expect([forward[place], backward[COINS - 1 - place]].sort()).toEqual(['applied', 'outpoint-spent']);
      }
    });
  });

  it('a group and single COMMITs that want two of its coins each, crosswise, wait for each other in no circle', async () => {
    await rounds(async () => {
      const coins = makeCoins();
      const pairs = coins.map((coin, place) => [coin, coins[(place + 5) % COINS] ?? coin]);
      const [grouped, ...singles] = await Promise.all([
        outcomesOf(
          left,
          coins.map((coin) => spending(coin)),
        ),
        ...pairs.map((pair) => singly(right, spending(...pair))),
      ]);
      const applied = pairs.filter((_, place) => singles[place] === 'applied').flat();
      // Whatever won, no coin was taken twice, and none was left to nobody.
      expect(new Set(applied).size).toBe(applied.length);
      for (const [place, coin] of coins.entries()) {
        expect([grouped[place], applied.includes(coin)]).toEqual(
          applied.includes(coin) ? ['outpoint-spent', true] : ['applied', false],
        );
      }
    });
  });
});
