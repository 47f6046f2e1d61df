import { randomUUID } from 'node:crypto';
import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import {
  advanceFeed,
  beginDelivery,
  claimFeed,
  closeFeed,
  deferFeed,
  findFeed,
  listFeeds,
  markFeed,
  openFeed,
  releaseFeed,
  resetFeed,
} from './event-feeds';
import type { FeedLease } from './event-feeds';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(() => database.drop());

const LEASE_MS = 60_000;
const open = async (): Promise<string> => {
  const name = randomUUID();
  expect(await openFeed(db, { name, kind: 'lookup', topic: 'tm_test', settings: { storage: 'own' } })).toBe(true);
  return name;
};
const claim = async (name: string, leaseMs = LEASE_MS): Promise<FeedLease> => {
  const lease = await claimFeed(db, name, leaseMs);
  if (lease === undefined) throw new Error('not claimed');
  return lease;
};

describe('a feed of events', () => {
  it('starts before the first event, is opened once, and is gone when closed', async () => {
    const name = await open();
    expect(await openFeed(db, { name, kind: 'webhook', position: 7 })).toBe(false);
    const feed = { name, kind: 'lookup', organisation: 'gateway', topic: 'tm_test', settings: { storage: 'own' } };
    expect(await findFeed(db, name)).toMatchObject({ ...feed, position: -1, step: 0, underWay: false, failures: 0 });
    const names = async (kind: 'lookup' | 'webhook') => (await listFeeds(db, kind)).map((each) => each.name);
    expect(await names('lookup')).toContain(name);
    expect(await names('webhook')).not.toContain(name);
    expect(await closeFeed(db, name)).toBe(true);
    expect(await closeFeed(db, name)).toBe(false);
    expect(await findFeed(db, name)).toBeUndefined();
    expect(await claimFeed(db, name, LEASE_MS)).toBeUndefined();
  });

  it('has one holder of many that ask at once, and another when it is let go', async () => {
    const name = await open();
    const pools = [db, await database.openPool()];
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, place) => claimFeed(pools[place % 2] ?? db, name, LEASE_MS)),
    );
    const [lease, ...others] = claims.filter((each) => each !== undefined);
    expect(others).toEqual([]);
    expect(lease).toMatchObject({ position: -1, leaseNumber: 1 });
    expect(lease && (await releaseFeed(db, lease))).toBe(true);
    expect(await claim(name)).toMatchObject({ leaseNumber: 2 });
  });

  it('goes forward by whole events and by notices of one, and never back', async () => {
    const name = await open();
    const lease = await claim(name);
    expect(await beginDelivery(db, lease, 0)).toBe(true);
    expect(await findFeed(db, name)).toMatchObject({ position: -1, underWay: true });
    expect(await advanceFeed(db, lease, { position: -1, step: 1 })).toBe(true);
    expect(await beginDelivery(db, lease, 1)).toBe(true);
    expect(await advanceFeed(db, lease, { position: 4, step: 0 })).toBe(true);
    expect(await advanceFeed(db, lease, { position: 3, step: 0 })).toBe(false);
    expect(await findFeed(db, name)).toMatchObject({ position: 4, step: 0, underWay: false });
  });

  it('tells whoever comes after a crash that a notice was under way', async () => {
    const name = await open();
    const crashed = await claim(name, 0);
    // Its time was over when it began: until another comes it is still the last.
    expect(await beginDelivery(db, { ...crashed, leaseMs: 0 }, 2)).toBe(true);
    const next = await claim(name);
    expect(next).toMatchObject({ position: -1, step: 2, underWay: true, leaseNumber: 2 });
    expect(await advanceFeed(db, next, { position: 5, step: 0 })).toBe(true);
    expect(await findFeed(db, name)).toMatchObject({ underWay: false });
  });

  it('does not hear a holder whose lease was taken over', async () => {
    const name = await open();
    const late = await claim(name, 0);
    const next = await claim(name);
    expect(await beginDelivery(db, late, 0)).toBe(false);
    expect(await advanceFeed(db, late, { position: 9, step: 0 })).toBe(false);
    expect(await deferFeed(db, late, 0, 'late')).toBe(false);
    expect(await releaseFeed(db, late)).toBe(false);
    expect(await findFeed(db, name)).toMatchObject({ position: -1, underWay: false, failures: 0 });
    expect(await advanceFeed(db, next, { position: 1, step: 0 })).toBe(true);
  });

  it('is prolonged by whoever goes on', async () => {
    const name = await open();
    const lease = await claim(name, 0);
    expect(await advanceFeed(db, { ...lease, leaseMs: LEASE_MS }, { position: 1, step: 0 })).toBe(true);
    expect(await claimFeed(db, name, LEASE_MS)).toBeUndefined();
  });

  it('waits for its next try, counts its failures, and forgets them once it is heard', async () => {
    const name = await open();
    const first = await claim(name);
    expect(await beginDelivery(db, first, 0)).toBe(true);
    expect(await deferFeed(db, first, LEASE_MS, 'no answer')).toBe(true);
    expect(await claimFeed(db, name, LEASE_MS)).toBeUndefined();
    expect(await findFeed(db, name)).toMatchObject({ failures: 1, lastError: 'no answer', underWay: true });
    await db.query('update portcullis.event_feed set retry_at = now() where name = $1', [name]);
    const second = await claim(name);
    expect(await deferFeed(db, second, 0, 'again')).toBe(true);
    const third = await claim(name);
    expect(third).toMatchObject({ failures: 2, lastError: 'again' });
    expect(await advanceFeed(db, third, { position: 0, step: 0 })).toBe(true);
    expect(await findFeed(db, name)).toMatchObject({ failures: 0, lastError: undefined });
  });

  it('is claimed by nobody while paused, and goes on where it stood', async () => {
    const name = await open();
    const lease = await claim(name);
    await advanceFeed(db, lease, { position: 6, step: 0 });
    await releaseFeed(db, lease);
    expect(await markFeed(db, name, 'paused')).toBe(true);
    expect(await claimFeed(db, name, LEASE_MS)).toBeUndefined();
    expect(await markFeed(db, name, 'running')).toBe(true);
    expect(await claim(name)).toMatchObject({ position: 6, state: 'running' });
  });

  it('starts anew when it is reset, without whoever held it', async () => {
    const name = await open();
    const lease = await claim(name);
    await advanceFeed(db, lease, { position: 6, step: 3 });
    await beginDelivery(db, lease, 3);
    expect(await resetFeed(db, name, { state: 'rebuilding' })).toBe(true);
    expect(await advanceFeed(db, lease, { position: 7, step: 0 })).toBe(false);
    const fresh = { position: -1, step: 0, underWay: false, state: 'rebuilding', failures: 0 };
    expect(await claim(name)).toMatchObject(fresh);
    expect(await resetFeed(db, 'nobody', { state: 'running' })).toBe(false);
  });
});
