import { createTestDatabase, waitUntil } from '#testkit';
import type { TestDatabase } from '#testkit';
import { NotificationListener } from './notification-listener';

jest.setTimeout(60_000);

let database: TestDatabase;
let listener: NotificationListener;
const lost: Error[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
beforeEach(() => {
  lost.length = 0;
  listener = new NotificationListener(database.url, (error) => lost.push(error));
});
afterEach(() => listener.close());
afterAll(() => database.drop());

const notify = (channel: string): Promise<unknown> => database.owner.query(`notify ${channel}`);
const listeners = async (): Promise<number[]> =>
  (
    await database.owner.query<{ pid: number }[]>(
      `select pid from pg_stat_activity where datname = current_database() and application_name = 'portcullis-listener'`,
    )
  ).map(({ pid }) => pid);

/** Counts wakes of one channel; `heard` notifies until a wake is counted that was not there before. */
const counter = (channel: 'portcullis_outbox' | 'portcullis_events') => {
  let count = 0;
  const end = listener.subscribe(channel, () => void (count += 1));
  const more = async (): Promise<void> => {
    const before = count;
    await waitUntil(`a wake of ${channel}`, async () => {
      await notify(channel);
      return count > before;
    });
  };
  return { end, more, count: () => count };
};

describe('the notification listener', () => {
  it('wakes the subscribers of a channel, and of no other, over one connection', async () => {
    const events = counter('portcullis_events');
    const alsoEvents = counter('portcullis_events');
    const outbox = counter('portcullis_outbox');
    // All are woken when the connection is there; it listens to one channel after another before.
    await waitUntil('the connection is there', () => outbox.count() > 0);
    await events.more();
    expect(alsoEvents.count()).toBeGreaterThan(0);
    const before = outbox.count();
    await events.more();
    expect(outbox.count()).toBe(before);
    expect(await listeners()).toHaveLength(1);
  });

  it('forgets whoever ended a subscription, and nobody else', async () => {
    const gone = counter('portcullis_events');
    const here = counter('portcullis_events');
    await gone.more();
    gone.end();
    const before = gone.count();
    await here.more();
    expect(gone.count()).toBe(before);
  });

  it('comes back after its connection was ended, and wakes all for what it may have missed', async () => {
    const outbox = counter('portcullis_outbox');
    await outbox.more();
    const [pid] = await listeners();
    await database.owner.query('select pg_terminate_backend($1)', [pid]);
    await waitUntil('the loss', () => lost.length > 0);
    // Only from here on: until the loss, a notification of before may still be on its way.
    const before = outbox.count();
    await waitUntil('a wake without a notification', () => outbox.count() > before);
    await outbox.more();
    expect(await listeners()).not.toContain(pid);
  });

  it('opens nothing after it was closed', async () => {
    const outbox = counter('portcullis_outbox');
    await outbox.more();
    await listener.close();
    listener.subscribe('portcullis_outbox', () => undefined);
    await waitUntil('no listening connection', async () => (await listeners()).length === 0);
  });
});
