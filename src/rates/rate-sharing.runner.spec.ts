import { createTestDatabase, type TestDatabase } from '#testkit';
import { TokenBuckets } from '../ingress';
import { Log } from '../telemetry';
import { RateSharing } from './rate-sharing.runner';

const RATE = 100;
const log = new Log({ level: 'silent' });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(() => database.drop());

interface Replica {
  readonly rates: RateSharing;
  readonly buckets: TokenBuckets;
}
const openReplica = (): Replica => {
  const rates = new RateSharing(database.dataSource, log);
  const buckets = new TokenBuckets(RATE, 1_000);
  rates.add('test', buckets);
  return { rates, buckets };
};

/** Requests of `key` that pass in one second from `second` on, `asked` of them spread over it. */
const send = ({ buckets }: Replica, key: string, { second, asked }: { second: number; asked: number }): number => {
  let passed = 0;
  for (let at = 0; at < asked; at += 1) if (buckets.take(key, 1_000 * (second + at / asked)) === 0) passed += 1;
  return passed;
};
const tellAll = async (replicas: readonly Replica[], second: number): Promise<void> => {
  for (const { rates } of replicas) await rates.tell(1_000 * second);
};

/** What passes in each second at each replica, when so much is asked of it. */
const play = async (replicas: readonly Replica[], key: string, asked: readonly number[], seconds = 12) => {
  const passed: number[][] = [];
  for (let second = 0; second < seconds; second += 1) {
    passed.push(replicas.map((replica, place) => send(replica, key, { second, asked: asked[place] ?? 0 })));
    await tellAll(replicas, second + 1);
  }
  return passed;
};
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe('a budget over several processes', () => {
  it('is one budget for who spreads over them', async () => {
    const replicas = [openReplica(), openReplica(), openReplica()];
    const passed = await play(replicas, 'spread', [500, 500, 500]);
    // At first each has the whole of it; from the third second on all together let pass what one may.
    for (const each of passed.slice(3)) expect(sum(each)).toBeLessThanOrEqual(1.1 * RATE);
    for (const each of passed.slice(3)) expect(sum(each)).toBeGreaterThanOrEqual(0.8 * RATE);
  });

  it('leaves to the busy one what the others do not use', async () => {
    const passed = await play([openReplica(), openReplica()], 'uneven', [500, 20]);
    for (const [busy = 0, quiet = 0] of passed.slice(3)) {
      expect(quiet).toBe(20);
      expect(busy).toBeGreaterThanOrEqual(0.75 * RATE);
      expect(busy + quiet).toBeLessThanOrEqual(1.1 * RATE);
    }
  });

  it('keeps nobody else from anything, and forgets who has gone', async () => {
    const replicas = [openReplica(), openReplica()];
    await play(replicas, 'greedy', [500, 500], 4);
    expect(replicas.map((replica) => send(replica, 'modest', { second: 4, asked: 50 }))).toEqual([50, 50]);
    // One replica is left, and says nothing of those that went.
    const [left] = replicas as [Replica, Replica];
    await database.dataSource.query(`update portcullis.rate_use set told_at = told_at - interval '4 seconds'`);
    await left.rates.tell(5_000);
    send(left, 'greedy', { second: 5, asked: 500 });
    await left.rates.tell(6_000);
    expect(send(left, 'greedy', { second: 6, asked: 500 })).toBeGreaterThanOrEqual(0.9 * RATE);
  });

  it('is that of each process while the database is away', async () => {
    const replicas = [openReplica(), openReplica()];
    await play(replicas, 'outage', [500, 500], 4);
    const [here] = replicas as [Replica, Replica];
    const away = jest.spyOn(database.dataSource, 'query').mockRejectedValue(new Error('the database is away'));
    try {
      await here.rates.tell(5_000);
      expect(send(here, 'outage', { second: 4, asked: 500 })).toBeLessThanOrEqual(0.6 * RATE);
      await here.rates.tell(9_000);
      send(here, 'outage', { second: 9, asked: 500 });
      expect(send(here, 'outage', { second: 10, asked: 500 })).toBeGreaterThanOrEqual(0.9 * RATE);
    } finally {
      away.mockRestore();
    }
  });

  it('stores no key that anybody could read', async () => {
    const replica = openReplica();
    send(replica, '192.0.2.7', { second: 0, asked: 50 });
    await replica.rates.tell(1_000);
    const rows = await database.dataSource.query<{ key: Buffer }[]>('select key from portcullis.rate_use');
    expect(rows.length).toBeGreaterThan(0);
    for (const { key } of rows) expect(key).toHaveLength(16);
  });

  it('is told for a thousand keys at most, the busiest of them', async () => {
    const replica = openReplica();
    const buckets = new TokenBuckets(RATE, 5_000);
    replica.rates.add('many', buckets);
    for (let key = 0; key < 3_000; key += 1)
      for (let count = 0; count < (key < 10 ? 50 : 10); count += 1) buckets.take(`k${key}`, 0);
    await replica.rates.tell(1_000);
    const [row] = await database.dataSource.query<{ rows: number; busy: number }[]>(
      `select count(*)::int as rows, count(*) filter (where per_second >= 50)::int as busy from portcullis.rate_use where scope = 'many'`,
    );
    expect(row).toEqual({ rows: 1_000, busy: 10 });
  });
});
