import { randomUUID } from 'node:crypto';
import { createTestDatabase, outpointOf, planSpend, planStock, waitUntil } from '#testkit';
import type { PlainTransaction, TestDatabase } from '#testkit';
import { commitTransition } from './commit-transition';
import type { Database } from './database';
import { fsck } from './fsck';
import { relinquishOutput } from './offers';
import { findReservation, reserveOutputs } from './reservations';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(async () => {
  const broken = (await fsck(database.dataSource)).filter(({ ok }) => !ok);
  await database.drop();
  expect(broken).toEqual([]);
});

const stock = async (kept = [{}]): Promise<{ basket: string; subject: PlainTransaction }> => {
  const basket = `shelf ${randomUUID()}`;
  const { subject, input } = planStock(kept, { basket });
  expect(await commitTransition(database.dataSource, input)).toMatchObject({ ok: true });
  return { basket, subject };
};

const isWaited = async (): Promise<boolean> => {
  const waiting = await database.owner.query<unknown[]>(
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%commit_transition(%'`,
  );
  return waiting.length > 0;
};

/** What a COMMIT that spends the first output answers, when this is done between its look at the baskets and its update of them. */
const spendDuring = async (
  subject: PlainTransaction,
  act: (db: Database) => Promise<unknown>,
): Promise<Awaited<ReturnType<typeof commitTransition>>> => {
  const { answer } = await database.owner.transaction(async (manager) => {
    await act(manager);
    const spending = commitTransition(database.dataSource, planSpend(subject, [0]).input);
    await waitUntil('the COMMIT waits for the output', isWaited);
    return { answer: spending };
  });
  return answer;
};

const reserve = async (db: Database, basket: string, identityKey: string): Promise<string> => {
  const asked = { id: randomUUID(), organisation: 'acme', identityKey, basket, want: { outputs: 1 }, ttlMs: 60_000 };
  expect(await reserveOutputs(db, asked)).toMatchObject({ ok: true });
  return asked.id;
};

describe('the COMMIT and the baskets that it empties', () => {
  it('tells what left them in the order of baskets and outpoints, whatever order it was spent in', async () => {
    const keep = [{ basket: 'b' }, { basket: 'a' }, { basket: 'b' }];
    const { subject } = await stock(keep);
    const outcome = await commitTransition(database.dataSource, planSpend(subject, [2, 0, 1]).input);
    const removed = [1, 0, 2].map((vout) => ({ basket: keep[vout]?.basket, outpoint: `${subject.txid}.${vout}` }));
    expect(outcome).toMatchObject({ value: { kind: 'applied', receipt: { basketsRemoved: removed } } });
  });

  it('refuses what another reserves while it waits for the output', async () => {
    const { basket, subject } = await stock();
    const outcome = await spendDuring(subject, (db) => reserve(db, basket, 'a colleague'));
    expect(outcome).toMatchObject({ ok: false, rejection: { code: 'output-reserved' } });
  });

  it('consumes what its own identity reserves while it waits for the output', async () => {
    const { basket, subject } = await stock();
    let id = '';
    const outcome = await spendDuring(subject, async (db) => {
      id = await reserve(db, basket, 'key of acme');
    });
    expect(outcome).toMatchObject({ value: { kind: 'applied' } });
    expect(await findReservation(database.dataSource, 'acme', id)).toMatchObject({ state: 'consumed' });
  });

  it('takes nothing from a basket that gives the output up while it waits for it', async () => {
    const { basket, subject } = await stock();
    const outcome = await spendDuring(subject, (db) =>
      relinquishOutput(db, {
        ...{ organisation: 'acme', identityKey: 'key of acme', requestId: 'r', basket },
        outpoint: outpointOf(subject),
      }),
    );
    expect(outcome).toMatchObject({ value: { kind: 'applied', receipt: { basketsRemoved: [] } } });
  });
});
