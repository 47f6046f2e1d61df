import { digestTopic, makeOutpoint, printTopicDigest, txidFromWire } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  plainBump,
  planPlainCommit,
  plantBlock,
  randomOutpoint,
} from '#testkit';
import type { PlainTransaction, TestDatabase } from '#testkit';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import type { CommitInput } from './commit-input';
import { commitTransition, commitTransitions } from './commit-transition';
import { evictOutput } from './evict-output';
import { fsck } from './fsck';
import { retractTransition } from './retract-transition';
import { listTopicEvents } from './topic-events';
import type { TopicEvent } from './topic-events';
import { listTopicStates } from './topic-states';

let database: TestDatabase;
let other: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  other = await createTestDatabase();
}, 90_000);
afterAll(async () => {
  await database.drop();
  await other.drop();
});

/** Of the chain that all histories share: a second block at one height would take the proofs of the first away. */
let height = 100;

interface Held {
  readonly txid: Buffer;
  readonly vout: number;
  readonly satoshis: string;
  readonly script: Buffer;
  readonly retained: boolean;
}

/** The core's digest of what the rows say, with nothing of the ledger's own sums. */
const digestRows = async (db: DataSource, topic: string): Promise<string> => {
  const rows = await db.query<Held[]>(
    `select txid, vout, satoshis, locking_script as script, retained
     from portcullis.topic_output where topic = $1 and not retracted and (spent_by is null or retained)`,
    [topic],
  );
  return digestTopic(
    topic,
    rows.map(({ txid, vout, satoshis, script, retained }) => ({
      outpoint: makeOutpoint(txidFromWire(txid), vout),
      satoshis: Number(satoshis),
      lockingScript: script,
      retained,
    })),
  );
};

/** What a follower who heard every event holds. */
const replay = (events: readonly TopicEvent[]): { unspent: Set<string>; retained: Set<string> } => {
  const unspent = new Set<string>();
  const retained = new Set<string>();
  for (const { kind, txid, admitted, spent } of events) {
    const own = admitted.map((vout) => `${txid}.${vout}`);
    if (kind === 'applied') for (const each of own) unspent.add(each);
    for (const coin of spent) {
      const name = `${coin.txid}.${coin.vout}`;
      const [from, to] = kind === 'applied' ? [unspent, retained] : [retained, unspent];
      from.delete(name);
      if (kind === 'retracted' || coin.retained) to.add(name);
    }
    if (kind !== 'applied') for (const each of own) for (const set of [unspent, retained]) set.delete(each);
  }
  return { unspent, retained };
};

type Step =
  | { readonly act: 'admit'; readonly outputs: number; readonly second: boolean; readonly hidden: boolean }
  | { readonly act: 'spend'; readonly pick: number; readonly retain: boolean; readonly outputs: number }
  | { readonly act: 'group'; readonly size: number; readonly pick: number; readonly retain: boolean }
  | { readonly act: 'reveal' | 'retract' | 'readmit'; readonly pick: number };

const pick = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    act: fc.constant('admit' as const),
    outputs: fc.integer({ min: 1, max: 3 }),
    second: fc.boolean(),
    hidden: fc.boolean(),
  }),
  fc.record({
    act: fc.constant('spend' as const),
    pick,
    retain: fc.boolean(),
    outputs: fc.integer({ min: 1, max: 2 }),
  }),
  fc.record({
    act: fc.constant('spend' as const),
    pick,
    retain: fc.boolean(),
    outputs: fc.integer({ min: 1, max: 2 }),
  }),
  fc.record({ act: fc.constant('group' as const), size: fc.integer({ min: 2, max: 6 }), pick, retain: fc.boolean() }),
  fc.record({ act: fc.constantFrom('reveal' as const, 'retract' as const, 'readmit' as const), pick }),
);

/** Passes through all that is told apart: an output admitted after its spender, both taken back, one admitted again. */
const KNOWN: Step[] = [
  { act: 'admit', outputs: 1, second: false, hidden: true },
  { act: 'spend', pick: 0, retain: true, outputs: 1 },
  { act: 'reveal', pick: 0 },
  { act: 'spend', pick: 0, retain: true, outputs: 2 },
  { act: 'retract', pick: 0 },
  { act: 'readmit', pick: 0 },
];

/** Parent and child are refused, and a block holds the child: it comes back with its own proof, which says nothing of the parent's. */
const PROVEN_CHILD: Step[] = [
  { act: 'admit', outputs: 1, second: false, hidden: false },
  { act: 'spend', pick: 0, retain: false, outputs: 1 },
  { act: 'retract', pick: 0 },
  { act: 'readmit', pick: 1 },
];

/** One history: what is known of it here decides what may come next; what the ledger refuses is no step. */
class History {
  readonly transactions: PlainTransaction[] = [];
  /** Shown to no topic yet, though something may stand on them. */
  readonly hidden: PlainTransaction[] = [];
  readonly gone: PlainTransaction[] = [];

  constructor(private readonly database: TestDatabase) {}

  async take(step: Step): Promise<void> {
    if (step.act === 'admit') return this.admit(step);
    if (step.act === 'spend') return this.spend(step);
    if (step.act === 'group') return this.group(step);
    if (step.act === 'reveal') return this.reveal(step.pick);
    if (step.act === 'retract') return this.retract(step.pick);
    return this.readmit(step.pick);
  }

  private async admit({ outputs, second, hidden }: Extract<Step, { act: 'admit' }>): Promise<void> {
    const subject = buildPlainTransaction(
      [randomOutpoint()],
      Array.from({ length: outputs }, (_, vout) => 100 + vout),
    );
    if (hidden) this.hidden.push(subject);
    else await this.commit(planPlainCommit({ subject }), subject);
    if (second) await this.commit(planPlainCommit({ subject, topic: 'tm_second' }), subject);
  }

  private async spend({ pick, retain, outputs }: Extract<Step, { act: 'spend' }>): Promise<void> {
    const planned = await this.planSpend(pick, retain, outputs);
    if (planned) await this.commit(planned.input, planned.subject);
  }

  private async planSpend(pick: number, retain: boolean, outputs: number) {
    const parents = [...this.transactions, ...this.hidden];
    const parent = parents[pick % parents.length];
    if (parent === undefined) return undefined;
    const subject = buildPlainTransaction([outpointOf(parent)], Array<number>(outputs).fill(50));
    const held = await this.database.dataSource.query<unknown[]>(
      `select from portcullis.topic_output where topic = 'tm_test' and portcullis.make_outpoint(txid, vout) = $1 and spent_by is null and not retracted`,
      [outpointOf(parent)],
    );
    const coins = held.length > 0 ? [{ txid: parent.txid, vout: 0, retain }] : [];
    return { subject, input: planPlainCommit({ subject, ancestors: [parent], coins }) };
  }

  private async group({ size, pick, retain }: Extract<Step, { act: 'group' }>): Promise<void> {
    const spend = await this.planSpend(pick, retain, 2);
    const fresh = Array.from({ length: size }, () => buildPlainTransaction([randomOutpoint()]));
    const subjects = [...(spend ? [spend.subject] : []), ...fresh];
    const inputs = [...(spend ? [spend.input] : []), ...fresh.map((subject) => planPlainCommit({ subject }))];
    const committed = await commitTransitions(this.database.dataSource, inputs);
    if (!committed.ok) throw new Error(committed.rejection.code);
    this.transactions.push(...subjects.filter((_, place) => committed.value[place]?.ok));
  }

  /** Admitted after its spender was, if it has one. */
  private async reveal(pick: number): Promise<void> {
    const subject = this.hidden[pick % this.hidden.length];
    if (subject) await this.commit(planPlainCommit({ subject }), subject);
  }

  private async retract(pick: number): Promise<void> {
    const subject = this.transactions[pick % this.transactions.length];
    if (subject === undefined) return;
    const gone = new Set(await retractTransition(this.database.dataSource, subject.txid, 'refused'));
    this.gone.push(...this.transactions.filter(({ txid }) => gone.has(txid)));
  }

  /** A block holds it after all. */
  private async readmit(pick: number): Promise<void> {
    const subject = this.gone[pick % this.gone.length];
    if (subject === undefined) return;
    const block = await plantBlock(this.database.owner, (height += 1), subject.txid);
    await this.commit(planPlainCommit({ subject: { ...subject, bump: plainBump(block) } }), subject);
  }

  private async commit(input: CommitInput, subject: PlainTransaction): Promise<void> {
    if ((await commitTransition(this.database.dataSource, input)).ok) this.transactions.push(subject);
  }
}

describe('the digest of a topic', () => {
  it('is kept as it would be computed, and the events lead to it, whatever happens', async () => {
    let reached = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const history = new History(database);
        for (const each of steps) await history.take(each);
        const db = database.dataSource;
        for (const { topic, digest } of await listTopicStates(db)) expect(digest).toBe(await digestRows(db, topic));
        expect((await fsck(db)).filter(({ ok }) => !ok)).toEqual([]);
        const events = await listTopicEvents(db, { topic: 'tm_test', after: -1, limit: 100_000 });
        const followed = replay(events);
        const rows = await db.query<{ name: Buffer; vout: number; retained: boolean }[]>(
          `select txid as name, vout, retained from portcullis.topic_output
           where topic = 'tm_test' and not retracted and (spent_by is null or retained)`,
        );
        const names = (retained: boolean) =>
          new Set(
            rows.filter((row) => row.retained === retained).map(({ name, vout }) => `${txidFromWire(name)}.${vout}`),
          );
        expect(followed.unspent).toEqual(names(false));
        expect(followed.retained).toEqual(names(true));
        reached = new Set([
          ...reached,
          ...events.map(({ kind, spent }) => (spent.some(({ spender }) => spender) ? 'born spent' : kind)),
        ]);
      }),
      { numRuns: 25, examples: [[KNOWN], [PROVEN_CHILD]] },
    );
    expect([...reached].sort()).toEqual(['applied', 'born spent', 'retracted']);
  }, 120_000);

  it('is the same on two ledgers that came to it in other orders, and by other ways', async () => {
    const [kept, spent, late] = [0, 1, 2].map(() => buildPlainTransaction([randomOutpoint()], [5, 7]));
    if (!kept || !spent || !late) throw new Error('unreachable');
    const child = buildPlainTransaction([outpointOf(spent)]);
    const stray = buildPlainTransaction([randomOutpoint()]);
    const plan = (subject: PlainTransaction, over: Partial<Parameters<typeof planPlainCommit>[0]> = {}) =>
      planPlainCommit({ subject, topic: 'tm_mirror', ...over });
    const spending = () => plan(child, { ancestors: [spent], coins: [{ txid: spent.txid, vout: 0, retain: true }] });
    const here = database.dataSource;
    const there = other.dataSource;
    const commitAll = async (db: DataSource, inputs: readonly CommitInput[]): Promise<void> => {
      for (const input of inputs) expect(await commitTransition(db, input)).toMatchObject({ ok: true });
    };
    await commitAll(here, [plan(kept), plan(spent), spending(), plan(late)]);
    await commitAll(there, [plan(stray), plan(late), plan(spent)]);
    await retractTransition(there, stray.txid, 'refused');
    await evictOutput(there, {
      outpoint: outpointOf(late),
      reason: 'r',
      organisation: 'o',
      identityKey: 'k',
      requestId: 'r',
    });
    expect(await commitTransitions(there, [plan(kept), spending()])).toMatchObject({
      value: [{ ok: true }, { ok: true }],
    });
    const read = async (db: DataSource) =>
      (await listTopicStates(db)).filter(({ topic }) => topic === 'tm_mirror').map(({ tip: _, ...state }) => state);
    expect(await read(there)).toEqual(await read(here));
    expect(await read(here)).toMatchObject([{ admitted: 7, unspent: 6, retained: 1, transitions: 4 }]);
  });

  it('of one output is pinned, so that no change of code changes what replicas compare', async () => {
    const outpoint = makeOutpoint('ab'.repeat(32) as PlainTransaction['txid'], 1);
    const held = { outpoint, satoshis: 2 ** 40 + 7, lockingScript: Buffer.of(0x51), retained: false };
    const [row] = await database.dataSource.query<{ sum: string }[]>(
      `select portcullis.digest_element('tm_test', 0, $1, $2, $3)::text as sum`,
      [outpoint, held.satoshis, held.lockingScript],
    );
    expect(printTopicDigest(row?.sum ?? '')).toBe(digestTopic('tm_test', [held]));
    expect(digestTopic('tm_test', [held])).toBe('c8d8902c67f1de427cfbf4c15fa956088dfd8da8cdff7d99019742522710e5c0');
    for (const twin of [
      { ...held, retained: true },
      { ...held, satoshis: 7 },
      { ...held, lockingScript: Buffer.of(0x52) },
    ])
      expect(digestTopic('tm_test', [twin])).not.toBe(digestTopic('tm_test', [held]));
    expect(digestTopic('tm_other', [held])).not.toBe(digestTopic('tm_test', [held]));
    expect(digestTopic('tm_test', [held, held])).not.toBe(digestTopic('tm_test', [held]));
  });
});
