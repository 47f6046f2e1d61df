import { existsSync } from 'node:fs';
import { waitUntil } from '#testkit';
import { BINARY, CommitKillRig, type Halt, type Hold, type Order } from './commit-kill-rig';

/** Of each point; RELIABILITY §4 asks for 20 at night. */
const REPEATS = Number(process.env['CRASH_REPEATS'] ?? 1);

jest.setTimeout(120_000 + REPEATS * 60_000);

type Counts = Record<string, number>;
type Left = 'nothing' | 'all';

const PARTS: [string, Hold][] = [
  ['K7', 'transition'],
  ['K8', 'payment_claim'],
  ['K9', 'spent_outpoint'],
  ['K10', 'topic_output'],
  ['K11', 'outbox'],
  ['K12', 'audit_leaf'],
  ['K12', 'topic_event'],
  ['K12', 'topic_state'],
];

const subtract = (after: Counts, before: Counts): Counts =>
  Object.fromEntries(Object.entries(after).map(([table, count]) => [table, count - (before[table] ?? 0)]));

describe('a gateway killed with SIGKILL around the COMMIT of a paid submission', () => {
  let rig: CommitKillRig;
  /** Rows that one submission leaves, by table. */
  let whole: Counts;
  let orphansCommitted = 0;

  beforeAll(async () => {
    if (!existsSync(BINARY)) throw new Error('the build is missing; run npm run build');
    rig = await CommitKillRig.open();
    await rig.startGateway();
    // The first one also leaves the row of its topic.
    for (let submission = 0; submission < 2; submission += 1) {
      const order = await rig.makeOrder();
      const before = await rig.countAll();
      expect((await rig.send(order, order.paid)).status).toBe(201);
      whole = subtract(await rig.countAll(), before);
    }
    expect(whole).toMatchObject({ transition: 1, payment_claim: 1, topic_output: 1, outbox: 2, audit_leaf: 1 });
  });
  afterEach(async () => {
    expect(await rig.bench.violations()).toEqual([]);
  });
  afterAll(() => rig.close());

  /** The receipt id of the one submission that was on its way, if it was stored. */
  const findStored = async ({ caller }: Order): Promise<string | undefined> => {
    const rows = await rig.bench.database.owner.query<{ id: string }[]>(
      'select id from portcullis.transition where identity_key = $1',
      [caller.identityKey],
    );
    return rows[0]?.id;
  };

  /** Sends an order, kills the gateway as `die` says, and sends it again to the next one. Answers what the dead one had left. */
  const killAmid = async (die: () => Promise<void>, halt?: Halt): Promise<Left> => {
    if (halt || !rig.isRunning) await rig.startGateway(halt);
    const order = await rig.makeOrder();
    const [before, digests] = [await rig.countAll(), await rig.digestAll()];
    const answer = rig.send(order, order.paid).then(
      ({ status }) => status,
      () => 'cut off',
    );
    await die();
    expect(await answer).toBe('cut off');
    await rig.untilQuiet();

    const stored = await findStored(order);
    if (stored === undefined) expect(await rig.digestAll()).toEqual(digests);
    else expect(subtract(await rig.countAll(), before)).toEqual(whole);
    expect(await rig.bench.violations()).toEqual([]);

    await rig.startGateway();
    // Its payment came before the crash: nobody is asked for a second one.
    if (stored === undefined) {
      const unpaid = await rig.send(order, order.unpaid);
      expect([unpaid.status, unpaid.code]).toEqual([503, 'payment-unknown']);
    }
    const again = await rig.send(order, order.paid);
    const receipt = JSON.parse(again.body.toString()) as { id: string; payment: unknown };
    expect([again.status, receipt]).toMatchObject([201, { id: stored ?? receipt.id, payment: { satoshis: 200 } }]);
    // What has its receipt is asked for no payment.
    for (const request of [order.paid, order.unpaid]) {
      const later = await rig.send(order, request);
      expect([later.status, later.body.toString()]).toEqual([201, again.body.toString()]);
    }
    expect(subtract(await rig.countAll(), before)).toEqual(whole);
    return stored === undefined ? 'nothing' : 'all';
  };

  const repeat = async (play: () => Promise<Left>): Promise<Left[]> => {
    const left = new Set<Left>();
    for (let round = 0; round < REPEATS; round += 1) left.add(await play());
    return [...left];
  };

  /** Kills the gateway while its COMMIT is held, then lets `follow` say what becomes of the statement that nobody waits for. */
  const killHeld = async (hold: Hold, follow: (backend: number) => Promise<void>): Promise<Left> => {
    await rig.hold(hold);
    return killAmid(async () => {
      try {
        const backend = await rig.untilHeld(hold);
        await rig.kill();
        await follow(backend);
        await rig.untilQuiet();
      } finally {
        await rig.release(hold);
      }
    });
  };

  it('K6, plan made and nothing sent: nothing is there', async () => {
    const die = async (): Promise<void> => {
      await rig.untilHalted('before-the-statement');
      await rig.kill();
    };
    expect(await repeat(() => killAmid(die, 'before-the-statement'))).toEqual(['nothing']);
  });

  it.each(PARTS)('%s, behind %s, and its backend ends too: nothing is there', async (_k, hold) => {
    expect(await repeat(() => killHeld(hold, (backend) => rig.endBackend(backend)))).toEqual(['nothing']);
  });

  it.each(PARTS)('%s, behind %s, and its backend goes on: all is there, or nothing', async (_k, hold) => {
    const left = await repeat(() => killHeld(hold, () => rig.release(hold)));
    if (left.includes('all')) orphansCommitted += 1;
  });

  it('has seen statements that outlived their gateway', () => {
    expect(orphansCommitted).toBeGreaterThan(0);
  });

  it('K13, all written and nothing committed: nothing is there', async () => {
    expect(await repeat(() => killHeld('the end', (backend) => rig.endBackend(backend)))).toEqual(['nothing']);
  });

  it('K13, committed and the answer unread: all is there', async () => {
    const play = async (): Promise<Left> => {
      await rig.hold('the end');
      return killAmid(async () => {
        const { n } = await countTransitions();
        await rig.untilHeld('the end');
        rig.freeze();
        await rig.release('the end');
        await waitUntil('others see it', async () => (await countTransitions()).n === n + 1);
        await rig.kill();
      });
    };
    expect(await repeat(play)).toEqual(['all']);
  });
  const countTransitions = async (): Promise<{ n: number }> => {
    const [row] = await rig.bench.database.owner.query<{ n: number }[]>(
      'select count(*)::int as n from portcullis.transition',
    );
    return row ?? { n: -1 };
  };

  it('K14, acknowledged and the caller not answered: all is there', async () => {
    const die = async (): Promise<void> => {
      await rig.untilHalted('behind-the-statement');
      await rig.kill();
    };
    expect(await repeat(() => killAmid(die, 'behind-the-statement'))).toEqual(['all']);
  });

  it('a relay then carries out every row once', async () => {
    const { owner } = rig.bench.database;
    const rows = await owner.query<{ txid: Buffer }[]>('select txid from portcullis.outbox');
    expect(rows.length).toBeGreaterThan(0);
    const relay = rig.startRelay();
    const untilNone = (rest: string): Promise<void> =>
      waitUntil(
        `there is none of ${rest}`,
        async () => (await owner.query<unknown[]>(`select from portcullis.${rest} limit 1`)).length === 0,
        60_000,
      );
    try {
      await untilNone(`outbox where kind = 'broadcast' and state <> 'done'`);
      for (const { txid } of rows) {
        const arrivals = await rig.bench.arrivalsOf(txid.reverse().toString('hex'));
        expect(arrivals).toMatchObject([{ status: 200 }]);
      }
      await rig.bench.order('mine');
      await untilNone(`transition where settlement not in ('mined', 'final')`);
    } finally {
      await relay.stop();
    }
    const recovered = rig.recoveries.toSorted((a, b) => a - b);
    process.stdout.write(
      `${recovered.length} kills; the next process was ready within ${recovered.at(-1)} ms, median ${recovered[recovered.length >> 1]} ms; ` +
        `${rows.length} outbox rows, each broadcast once\n`,
    );
  });
});
