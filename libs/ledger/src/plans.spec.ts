import { createTestDatabase, plainPayer } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { fsck } from './fsck';
import { listPlans, publishPlan } from './plans';

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

const operator = plainPayer('operator');
const order = (over: object = {}) => ({
  ...{ name: 'standard', definition: { customers: ['*'], routes: [] }, from: new Date(0), leadMs: 5_000, ...over },
});

describe('a plan', () => {
  it('has versions, each of which takes effect when every replica can know it', async () => {
    const before = Date.now();
    const first = await publishPlan(db, operator, order());
    expect(first).toMatchObject({ ok: true, value: { version: 1 } });
    if (first.ok) expect(first.value.effectiveFrom.getTime()).toBeGreaterThan(before + 4_000);
    const from = new Date(Date.now() + 3_600_000);
    expect(await publishPlan(db, operator, order({ from }))).toMatchObject({
      value: { version: 2, effectiveFrom: from },
    });
    expect(await listPlans(db)).toMatchObject([
      { name: 'standard', version: 1, publishedBy: operator.identityKey, definition: { customers: ['*'] } },
      { name: 'standard', version: 2, effectiveFrom: from },
    ]);
  });

  it('is not overtaken by a version of before, and not of two owners', async () => {
    expect(await publishPlan(db, operator, order())).toMatchObject({ rejection: { code: 'plan-conflict' } });
    const foreign = await publishPlan(db, plainPayer('globex'), order({ from: new Date(Date.now() + 7_200_000) }));
    expect(foreign).toMatchObject({ rejection: { code: 'plan-conflict' } });
  });

  it('has one of each version, however many publish at once', async () => {
    const orders = Array.from({ length: 10 }, () =>
      publishPlan(db, operator, order({ name: 'busy', from: new Date('2030-01-01') })),
    );
    const versions = (await Promise.all(orders)).map((made) => (made.ok ? made.value.version : 0));
    expect(versions.sort((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
