import { commitTransition, evictOutput, fsck, retractTransition } from '#ledger';
import { buildPlainTransaction, planPlainCommit, randomOutpoint, waitUntil } from '#testkit';
import type { PlainTransaction } from '#testkit';
import type { GatewayRig } from './gateway-rig';
import type { RawAnswer, RawCaller } from './raw-caller';
import { RawStream, TOPIC, commitStep, commitSteps, openCaller, openTopicsGateway } from './topic-events-rig';

jest.setTimeout(120_000);

let rig: GatewayRig;
let caller: RawCaller;
const streams: RawStream[] = [];

beforeEach(async () => {
  rig = await openTopicsGateway();
  caller = await openCaller(rig.origin);
}, 90_000);
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.cut();
  expect((await fsck(rig.pool)).filter(({ ok }) => !ok)).toEqual([]);
  await rig.stop();
});

type Json = Record<string, unknown>;
interface Page {
  readonly outputs: readonly { readonly outpoint: string }[];
  readonly next: string | null;
}
const readJson = ({ body }: RawAnswer): Json => JSON.parse(body.toString('utf8')) as Json;
const get = async (path: string): Promise<Json> => {
  const answer = await caller.send({ method: 'GET', url: `/v1/topics${path}` });
  expect(await caller.isSignedForMe(answer)).toBe(true);
  expect([path, answer.status]).toEqual([path, 200]);
  return readJson(answer);
};
const refusal = async (path: string): Promise<unknown> =>
  (await caller.send({ method: 'GET', url: `/v1/topics${path}` })).code;
const open = async (options: Parameters<typeof RawStream.open>[1] = {}): Promise<RawStream> => {
  const stream = await RawStream.open(caller, options);
  streams.push(stream);
  return stream;
};
const outpoints = (subject: PlainTransaction): string[] => subject.outputs.map((_, vout) => `${subject.txid}.${vout}`);

describe('the state of topics', () => {
  it('is listed with counts, tip and digest, and changes with each transition', async () => {
    const empty = await get(`/${TOPIC}`);
    expect(empty).toMatchObject({ topic: TOPIC, admitted: 0, unspent: 0, transitions: 0, tip: null });
    const first = await commitStep(rig.pool, { satoshis: [5, 6] });
    const second = await commitStep(rig.pool, { spends: first, satoshis: [4], retain: true });
    const state = await get(`/${TOPIC}`);
    expect(state).toMatchObject({ admitted: 3, unspent: 2, retained: 1, satoshis: 10, transitions: 2 });
    expect(state['tip']).toMatchObject({ position: 1, txid: second.txid });
    expect(state['digest']).toMatch(/^[0-9a-f]{64}$/u);
    expect(state['digest']).not.toBe(empty['digest']);
    expect((await get(''))['topics']).toContainEqual(state);
  });

  it('shows outputs by state, transaction and key, a page at a time', async () => {
    const first = await commitStep(rig.pool, { satoshis: [5, 6, 7] });
    const second = await commitStep(rig.pool, { spends: first, retain: true });
    const third = await commitStep(rig.pool, { spends: second });
    const list = async (query: string): Promise<string[]> =>
      ((await get(`/${TOPIC}/outputs${query}`))['outputs'] as { outpoint: string }[]).map(({ outpoint }) => outpoint);
    const unspent = [...outpoints(first).slice(1), ...outpoints(third)];
    expect((await list('')).sort()).toEqual(unspent.sort());
    expect(await list('?state=retained')).toEqual([`${first.txid}.0`]);
    expect(await list('?state=spent')).toEqual([`${second.txid}.0`]);
    expect(await list(`?state=all&txid=${first.txid}`)).toEqual(outpoints(first));
    expect(await list(`?state=all&key=document:${second.txid}`)).toEqual(outpoints(second));
    const paged: string[] = [];
    const readPages = async (after: string): Promise<void> => {
      const page = (await get(`/${TOPIC}/outputs?state=all&limit=2${after}`)) as unknown as Page;
      paged.push(...page.outputs.map(({ outpoint }) => outpoint));
      if (page.next !== null) await readPages(`&after=${page.next}`);
    };
    await readPages('');
    expect(paged).toEqual(await list('?state=all'));
    expect(paged).toHaveLength(5);
    const [kept] = (await get(`/${TOPIC}/outputs?state=retained&include=scripts`))['outputs'] as Json[];
    const lockingScript = first.outputs[0]?.lockingScript.toString('hex');
    expect(kept).toEqual({
      ...{ outpoint: `${first.txid}.0`, satoshis: 5, spentBy: second.txid, retained: true, lockingScript },
    });
  });

  it('names nobody who submitted, whoever asks', async () => {
    const subject = await commitStep(rig.pool, { organisation: 'a secret supplier' });
    const [row] = await rig.database.owner.query<{ id: string }[]>('select id from portcullis.transition');
    const stream = await open({ query: '?after=-1' });
    await stream.waitFor(1);
    const told = [
      stream.text,
      JSON.stringify(await get('')),
      JSON.stringify(await get(`/${TOPIC}/events?after=-1`)),
      JSON.stringify(await get(`/${TOPIC}/outputs?include=scripts`)),
    ].join('\n');
    expect(told).toContain(subject.txid);
    expect(told).not.toMatch(/a secret supplier/u);
    expect(told).not.toContain(row?.id);
  });

  it('refuses what it cannot answer', async () => {
    const refusals = [
      ['/tm_nobody', 'topic-unknown'],
      ['/tm_nobody/outputs', 'topic-unknown'],
      ['/tm_nobody/events', 'topic-unknown'],
      [`/${TOPIC}/outputs?state=lost`, 'query-malformed'],
      [`/${TOPIC}/outputs?limit=0`, 'query-malformed'],
      [`/${TOPIC}/outputs?limit=1001`, 'query-malformed'],
      [`/${TOPIC}/outputs?after=7`, 'query-malformed'],
      [`/${TOPIC}/outputs?colour=red`, 'query-malformed'],
      [`/${TOPIC}/outputs?limit=1&limit=2`, 'query-malformed'],
      [`/${TOPIC}/events?after=-2`, 'query-malformed'],
      [`/${TOPIC}/events?after=1e3`, 'query-malformed'],
      // A position that this ledger never gave: of another gateway, or from before a restore.
      [`/${TOPIC}/events?after=99`, 'query-malformed'],
    ] as const;
    for (const [path, code] of refusals) expect([path, await refusal(path)]).toEqual([path, code]);
  });
});

describe('events', () => {
  it('come as pages for those who ask again and again', async () => {
    const subjects = await commitSteps(rig.pool, 5);
    const first = await get(`/${TOPIC}/events?after=-1&limit=3`);
    const second = await get(`/${TOPIC}/events?after=${String(first['next'])}`);
    const third = await get(`/${TOPIC}/events?after=${String(second['next'])}`);
    const txids = [first, second, third].flatMap((page) => (page['events'] as Json[]).map(({ txid }) => txid));
    expect(txids).toEqual(subjects.map(({ txid }) => txid));
    expect([first['next'], second['next'], third]).toEqual([2, 4, { topic: TOPIC, events: [], next: 4 }]);
    // Without a place to begin: now.
    expect(await get(`/${TOPIC}/events`)).toEqual({ topic: TOPIC, events: [], next: 4 });
  });

  it('come as they are committed, with what they changed, retractions and evictions too', async () => {
    const stream = await open();
    expect(await stream.waitReady()).toBe(-1);
    const parent = await commitStep(rig.pool, { satoshis: [5, 6] });
    const child = await commitStep(rig.pool, { spends: parent });
    await retractTransition(rig.pool, child.txid, 'double spent');
    const evicted = await evictOutput(rig.pool, {
      ...{ topic: TOPIC, outpoint: planPlainCommit({ subject: child }).spends[0]!.outpoint },
      ...{ reason: 'a court order', organisation: 'acme', identityKey: 'key of acme', requestId: 'r' },
    });
    expect(evicted.ok).toBe(true);
    const heard = await stream.waitFor(4);
    const coin = { outpoint: `${parent.txid}.0`, retained: false };
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT/u) as string;
    const told = (position: number, kind: string, subject: PlainTransaction, more: Json) => ({
      ...{ id: position, name: kind },
      data: { topic: TOPIC, position, kind, txid: subject.txid, at, admitted: [], spent: [], ...more },
    });
    expect(heard).toEqual([
      told(0, 'applied', parent, { admitted: outpoints(parent) }),
      told(1, 'applied', child, { admitted: outpoints(child), spent: [coin] }),
      told(2, 'retracted', child, { admitted: outpoints(child), spent: [coin] }),
      told(3, 'evicted', parent, { admitted: [`${parent.txid}.0`] }),
    ]);
    expect((await get(`/${TOPIC}/events?after=-1`))['events']).toEqual(heard.map(({ data }) => data));
  });

  it('name the leaf of the audit log that each of them is', async () => {
    const [subject] = await commitSteps(rig.pool, 1);
    const [event] = (await get(`/${TOPIC}/events?after=-1`))['events'] as { position: number; txid: string }[];
    const [leaf] = await rig.database.owner.query<{ index: string }[]>(
      'select t.leaf_index as index from portcullis.transition t where t.txid = $1',
      [Buffer.from(subject?.txid ?? '', 'hex').reverse()],
    );
    expect(event).toMatchObject({ txid: subject?.txid, position: Number(leaf?.index) });
  });

  it('are not told before their COMMIT, to nobody', async () => {
    const stream = await open();
    await stream.waitReady();
    const subject = buildPlainTransaction([randomOutpoint()]);
    await rig.database.dataSource.transaction(async (db) => {
      expect((await commitTransition(db, planPlainCommit({ subject, topic: TOPIC }))).ok).toBe(true);
      // It is there for whoever commits it, and a look now, woken or not, finds nothing.
      await rig.database.owner.query('notify portcullis_events');
      expect(await get(`/${TOPIC}/events?after=-1`)).toEqual({ topic: TOPIC, events: [], next: -1 });
      expect(stream.heard).toEqual([]);
    });
    expect(await stream.waitFor(1)).toMatchObject([{ data: { txid: subject.txid } }]);
  });

  it('of a COMMIT that is given up are never told', async () => {
    const stream = await open();
    await stream.waitReady();
    const givenUp = rig.database.dataSource.transaction(async (db) => {
      await commitTransition(db, planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]), topic: TOPIC }));
      throw new Error('given up');
    });
    await expect(givenUp).rejects.toThrow('given up');
    const [kept] = await commitSteps(rig.pool, 1);
    await stream.waitFor(1);
    expect(stream.txids).toEqual([kept?.txid]);
  });

  it('are those of one topic, in the order of COMMITs', async () => {
    const stream = await open();
    await stream.waitReady();
    const mine = [];
    for (let round = 0; round < 10; round += 1) {
      await commitStep(rig.pool, { topic: 'tm_other' });
      mine.push(await commitStep(rig.pool));
    }
    const heard = await stream.waitFor(10);
    expect(stream.txids).toEqual(mine.map(({ txid }) => txid));
    expect(heard.map(({ id }) => id)).toEqual(mine.map((_, round) => 2 * round + 1));
  });

  it('resume at every position, by header, by signed header and by query', async () => {
    const subjects = await commitSteps(rig.pool, 12);
    for (let after = -1; after < subjects.length; after += 1) {
      const rest = subjects.slice(after + 1).map(({ txid }) => txid);
      const last = String(after);
      const ways = [
        { headers: { 'last-event-id': last } },
        { headers: { 'x-bsv-last-event-id': last } },
        { query: `?after=${last}` },
        // As an EventSource does: the address that it began with, and the id of the last event.
        { query: '?after=-1', headers: { 'last-event-id': last } },
      ];
      for (const way of ways) {
        const stream = await open(way);
        await stream.waitReady();
        await stream.waitFor(rest.length);
        expect([stream.start, stream.txids]).toEqual([after, rest]);
        stream.cut();
      }
    }
  });

  it('resume at another replica, each told once over both', async () => {
    const replica = await openTopicsGateway({ database: rig.database });
    try {
      const subjects = await commitSteps(rig.pool, 6);
      const here = await open({ query: '?after=-1' });
      const first = (await here.waitFor(6)).slice(0, 4);
      here.cut();
      const stream = await RawStream.open(caller.at(replica.origin), {
        headers: { 'last-event-id': String(first.at(-1)?.id) },
      });
      streams.push(stream);
      subjects.push(...(await commitSteps(replica.pool, 3)));
      await stream.waitFor(5);
      const txids = [...first.map(({ data }) => data.txid), ...stream.txids];
      expect(txids).toEqual(subjects.map(({ txid }) => txid));
    } finally {
      await replica.stop();
    }
  });

  it('are heard though every notification is missed', async () => {
    const stream = await open();
    await stream.waitReady();
    await rig.database.owner.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'portcullis-listener' and datname = current_database()`,
    );
    const [subject] = await commitSteps(rig.pool, 1);
    await stream.waitFor(1);
    expect(stream.txids).toEqual([subject?.txid]);
    await waitUntil('the listener is back', async () => {
      const [row] = await rig.database.owner.query<{ count: string }[]>(
        `select count(*) from pg_stat_activity where application_name = 'portcullis-listener' and datname = current_database()`,
      );
      return row?.count === '1';
    });
  });
});
