import {
  beginRebuild,
  commitTransition,
  evictOutput,
  findEventTip,
  findFeed,
  fsck,
  openFeed,
  retractTransition,
} from '#ledger';
import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  planPlainCommit,
  randomOutpoint,
  waitUntil,
  type PlainPlan,
  type PlainTransaction,
  type TestDatabase,
} from '#testkit';
import { ProcessCursor, StoredCursor, feedNameOf, type FeedCursor } from './feed-cursor';
import { LookupFeed } from './lookup-feed.runner';
import { TestService } from './test-service';

jest.setTimeout(120_000);

const LEASE_MS = 60_000;
const quiet = { write: () => undefined };
const place = (transaction: PlainTransaction, vout = 0): string => `${transaction.txid.slice(0, 8)}.${String(vout)}`;

describe('a lookup feed', () => {
  let database: TestDatabase;
  const open: LookupFeed[] = [];
  let named = 0;

  beforeAll(async () => (database = await createTestDatabase()));
  afterEach(() => Promise.all(open.splice(0).map((feed) => feed.stop())));
  afterAll(async () => {
    const broken = (await fsck(database.dataSource)).filter(({ ok }) => !ok);
    await database.drop();
    expect(broken).toEqual([]);
  });

  const commit = async (plan: PlainPlan): Promise<void> => {
    const committed = await commitTransition(database.dataSource, planPlainCommit(plan));
    if (!committed.ok) throw new Error(committed.rejection.detail);
  };
  const issue = async (satoshis?: readonly number[], topic = 'tm_test'): Promise<PlainTransaction> => {
    const subject = buildPlainTransaction([randomOutpoint()], satoshis);
    await commit({ subject, topic });
    return subject;
  };
  const spend = async (
    coin: PlainTransaction,
    retain: boolean,
    satoshis?: readonly number[],
  ): Promise<PlainTransaction> => {
    const subject = buildPlainTransaction([outpointOf(coin)], satoshis);
    await commit({ subject, coins: [{ txid: coin.txid, vout: 0, retain }] });
    return subject;
  };
  /** A service that has heard everything so far, each with a name of its own. */
  const newService = (): TestService => new TestService(`ls_test_${String(named++)}`);
  const feedOf = (lookup: TestService, cursor?: FeedCursor): LookupFeed => {
    const feed = new LookupFeed({
      database: database.dataSource,
      lookup,
      cursor: cursor ?? new StoredCursor(database.dataSource, lookup.name, LEASE_MS),
      log: quiet,
      pollMs: 20,
    });
    open.push(feed);
    feed.start();
    return feed;
  };
  const isTold = async (lookup: TestService): Promise<boolean> => {
    const feed = await findFeed(database.dataSource, feedNameOf(lookup.name));
    return feed?.state === 'running' && feed.position === (await findEventTip(database.dataSource));
  };
  const untilTold = (lookup: TestService): Promise<void> =>
    waitUntil(`${lookup.name} is told`, () => isTold(lookup), 60_000);

  it('tells coins, history, outputs in the order of COMMITs, each once, and goes on where it stood', async () => {
    const lookup = newService();
    const first = feedOf(lookup);
    await untilTold(lookup);
    const before = lookup.heard.length;
    const [root, other] = [await issue([1_000, 2_000]), await issue([500], 'tm_other')];
    const middle = await spend(root, true);
    await untilTold(lookup);
    await first.stop();
    const last = await spend(middle, false);
    feedOf(lookup);
    await untilTold(lookup);
    expect(lookup.story.slice(before)).toEqual([
      `admitted ${place(root)}`,
      `admitted ${place(root, 1)}`,
      `admitted ${place(other)}`,
      `spent ${place(root)}`,
      `admitted ${place(middle)}`,
      `spent ${place(middle)}`,
      `no-longer-retained ${place(middle)}`,
      // Nothing stands on it any more.
      `no-longer-retained ${place(root)}`,
      `admitted ${place(last)}`,
    ]);
    expect(lookup.heard.find(({ kind, txid }) => kind === 'spent' && txid === root.txid)).toMatchObject({
      topic: 'tm_test',
      spendingTxid: middle.txid,
      inputIndex: 0,
      sequenceNumber: 0xffffffff,
    });
    expect(lookup.doubles).toEqual([]);
  });

  it('holds up a service that fails, alone, leaves nothing out, and withdraws what it may have heard before it says it again', async () => {
    const [well, ill] = [newService(), newService()];
    feedOf(well);
    feedOf(ill);
    await Promise.all([untilTold(well), untilTold(ill)]);
    const from = ill.heard.length;
    ill.fault = { reason: 'no\u0000 room', heard: true };
    const first = await issue();
    const second = await issue();
    await untilTold(well);
    await waitUntil(
      'it failed',
      async () => ((await findFeed(database.dataSource, feedNameOf(ill.name)))?.failures ?? 0) > 0,
    );
    expect(await findFeed(database.dataSource, feedNameOf(ill.name))).toMatchObject({
      underWay: true,
      lastError: 'no  room',
    });
    ill.fault = undefined;
    await untilTold(ill);
    const story = ill.story.slice(from);
    expect(story[0]).toBe(`admitted ${place(first)}`);
    expect(story.slice(-3)).toEqual([
      `evicted ${place(first)}`,
      `admitted ${place(first)}`,
      `admitted ${place(second)}`,
    ]);
    expect(ill.doubles).toEqual([]);
    expect([...ill.index]).toEqual([...well.index]);
  });

  it('is fed by one process at a time where the processes share its storage', async () => {
    const lookup = newService();
    const pool = await database.openPool();
    feedOf(lookup);
    feedOf(lookup, new StoredCursor(pool, lookup.name, LEASE_MS));
    await untilTold(lookup);
    const before = lookup.heard.length;
    const issued: PlainTransaction[] = [];
    for (let count = 0; count < 12; count += 1) issued.push(await issue());
    await untilTold(lookup);
    expect(lookup.story.slice(before)).toEqual(issued.map((transaction) => `admitted ${place(transaction)}`));
    await Promise.all(open.splice(0).map((feed) => feed.stop()));
  });

  it('tells a service that forgets with its thread from the first event, whenever the thread is another', async () => {
    const lookup = newService();
    const cursor = new ProcessCursor(lookup);
    const feed = feedOf(lookup, cursor);
    const tip = await findEventTip(database.dataSource);
    await waitUntil('it is told', () => Promise.resolve(cursor.position === tip), 60_000);
    const [whole, index] = [lookup.story, new Map(lookup.index)];
    lookup.heard.length = 0;
    lookup.index.clear();
    lookup.life += 1;
    expect(cursor.position).toBe(-1);
    feed.wake();
    await waitUntil('it is told again', () => Promise.resolve(cursor.position === tip), 60_000);
    expect(lookup.story).toEqual(whole);
    expect(lookup.index).toEqual(index);
  });

  it('takes back what the network refused, gives back its coins and their history, and agrees with a service that came later', async () => {
    const lookup = newService();
    feedOf(lookup);
    const root = await issue([1_000]);
    const middle = await spend(root, true);
    const last = await spend(middle, false);
    await untilTold(lookup);
    const before = lookup.heard.length;
    await retractTransition(database.dataSource, last.txid, 'refused');
    await untilTold(lookup);
    expect(lookup.story.slice(before)).toEqual([
      `evicted ${place(last)}`,
      `evicted ${place(root)}`,
      `admitted ${place(root)}`,
      `spent ${place(root)}`,
      `evicted ${place(middle)}`,
      `admitted ${place(middle)}`,
    ]);
    const late = newService();
    feedOf(late);
    await untilTold(late);
    expect(late.story).not.toContain(`admitted ${place(last)}`);
    expect(new Map([...late.index].sort())).toEqual(new Map([...lookup.index].sort()));
  });

  it('withdraws what is evicted from the topic alone that it is evicted from, and never tells it to a service that comes later', async () => {
    const subject = buildPlainTransaction([randomOutpoint()]);
    await commit({ subject, topic: 'tm_first' });
    await commit({ subject, topic: 'tm_second' });
    const lookup = newService();
    feedOf(lookup);
    await untilTold(lookup);
    const eviction = { reason: 'by order', organisation: 'gateway', identityKey: 'key', requestId: 'request' };
    await evictOutput(database.dataSource, { ...eviction, topic: 'tm_first', outpoint: outpointOf(subject) });
    await untilTold(lookup);
    expect(lookup.story.slice(-2)).toEqual([`evicted ${place(subject)}`, `admitted ${place(subject)}`]);
    expect(lookup.heard.at(-1)).toMatchObject({ topic: 'tm_second' });
    await evictOutput(database.dataSource, { ...eviction, topic: 'tm_second', outpoint: outpointOf(subject) });
    await untilTold(lookup);
    const late = newService();
    feedOf(late);
    await untilTold(late);
    expect(late.story).not.toContain(`admitted ${place(subject)}`);
    expect(new Map([...late.index].sort())).toEqual(new Map([...lookup.index].sort()));
  });

  it('is rebuilt: all that was ever admitted is withdrawn, then told as to a new service', async () => {
    const [lookup, fresh] = [newService(), newService()];
    feedOf(lookup);
    await untilTold(lookup);
    // What a bug of the service made of its index.
    for (const key of lookup.index.keys()) lookup.index.set(key, 'nonsense');
    const before = lookup.heard.length;
    expect(await beginRebuild(database.dataSource, feedNameOf(lookup.name))).toBe(true);
    await untilTold(lookup);
    feedOf(fresh);
    await untilTold(fresh);
    const told = lookup.story.slice(before);
    const firstTold = told.findIndex((line) => !line.startsWith('evicted'));
    expect(firstTold).toBeGreaterThan(0);
    expect(told.slice(firstTold)).toEqual(fresh.story);
    expect([...lookup.index]).toEqual([...fresh.index]);
    expect(lookup.doubles).toEqual([]);
  });

  it('repeats a notice whose end nobody recorded, an admission after it was withdrawn', async () => {
    const lookup = newService();
    const name = feedNameOf(lookup.name);
    const after = await findEventTip(database.dataSource);
    const root = await issue();
    await openFeed(database.dataSource, { name, kind: 'lookup', position: after });
    // As a process leaves it that dies between the notice and the record of it.
    await database.owner.query(`update portcullis.event_feed set under_way = true where name = $1`, [name]);
    feedOf(lookup);
    await untilTold(lookup);
    expect(lookup.story).toEqual([`evicted ${place(root)}`, `admitted ${place(root)}`]);
  });
});
