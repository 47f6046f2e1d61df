import { randomBytes } from 'node:crypto';
import type { BeefGraph } from '#atomic-core';
import { createTestDatabase, waitUntil } from '#testkit';
import type { TestDatabase } from '#testkit';
import { DataSource } from 'typeorm';
import { ScriptVerdictPruningRunner } from './script-verdict-pruning.runner';
import { ScriptVerdicts } from './script-verdicts.service';

const TRANSACTION_ROW = 7;
const BUMP = 2;
const FIRST_INPUT = 3;
const INPUTS = 4;
const INPUT_ROW = 3;
const settings = { scriptVerdictsMemoryMax: 1_000, scriptVerdictsStoredMax: 1_000 };

/** A graph of `unproven` transactions of `inputs` each without a BUMP and one with, of nothing but what a verdict is remembered by. */
const buildGraph = (unproven: number, inputs = 1): BeefGraph => {
  const transactions = new Uint32Array((unproven + 1) * TRANSACTION_ROW);
  for (let row = 0; row <= unproven; row += 1) {
    transactions[row * TRANSACTION_ROW + FIRST_INPUT] = row * inputs;
    transactions[row * TRANSACTION_ROW + INPUTS] = inputs;
  }
  transactions[unproven * TRANSACTION_ROW + BUMP] = 1;
  const tape = { transactions, inputs: new Uint32Array((unproven + 1) * inputs * INPUT_ROW) };
  return {
    tape: tape as unknown as BeefGraph['tape'],
    txids: randomBytes((unproven + 1) * 32),
    needed: new Uint8Array(unproven + 1).fill(1),
  } as unknown as BeefGraph;
};
const sum = (known: Uint8Array): number => known.reduce((total, each) => total + each, 0);

describe('the memory of script verdicts', () => {
  let database: TestDatabase;
  const counts = new Map<string, number>();
  const metrics = {
    gauge: () => undefined,
    counter:
      (name: string) =>
      (amount: number, labels: Readonly<Record<string, string>> = {}) => {
        const key = [name, ...Object.values(labels)].join(' ');
        counts.set(key, (counts.get(key) ?? 0) + amount);
      },
  };
  const log = { write: jest.fn() };
  const opened: ScriptVerdicts[] = [];
  const open = (over: Partial<typeof settings> = {}, pool: DataSource = database.dataSource): ScriptVerdicts => {
    const verdicts = new ScriptVerdicts({ ...settings, ...over }, pool, metrics, log);
    opened.push(verdicts);
    return verdicts;
  };
  const stored = async (): Promise<number> => {
    const [row] = await database.owner.query<{ n: number }[]>(
      'select count(*)::int as n from portcullis.script_verdict',
    );
    return row?.n ?? -1;
  };
  const remember = (verdicts: ScriptVerdicts, graph: BeefGraph): void =>
    verdicts.remember(graph, new Uint8Array(graph.needed.length));

  beforeAll(async () => (database = await createTestDatabase()), 90_000);
  afterAll(() => database.drop());
  // What still waits is written now, and not into the next test.
  afterEach(() => Promise.all(opened.splice(0).map((verdicts) => verdicts.beforeApplicationShutdown())));
  beforeEach(async () => {
    await database.owner.query('truncate portcullis.script_verdict');
    counts.clear();
    log.write.mockClear();
  });

  it('knows what it was told, and of a proven transaction nothing', async () => {
    const verdicts = open();
    const graph = buildGraph(3);
    expect(sum(await verdicts.findKnown(graph))).toBe(0);
    remember(verdicts, graph);
    expect([...(await verdicts.findKnown(graph))]).toEqual([1, 1, 1, 0]);
    expect(sum(await verdicts.findKnown(buildGraph(3)))).toBe(0);
    expect(counts.get('script_verdict_hits memory')).toBe(3);
    expect(counts.get('script_verdict_misses')).toBe(6);
  });

  it('shares it with other processes, and with itself after a restart', async () => {
    const [first, graph] = [open(), buildGraph(20)];
    remember(first, graph);
    await first.beforeApplicationShutdown();
    const second = open({}, await database.openPool());
    expect(sum(await second.findKnown(graph))).toBe(20);
    expect(counts.get('script_verdict_hits database')).toBe(20);
    await database.owner.query('truncate portcullis.script_verdict');
    expect(sum(await second.findKnown(graph))).toBe(20);
  });

  it('stores by itself, a while after the verification', async () => {
    remember(open(), buildGraph(5));
    await waitUntil('it is stored', async () => (await stored()) === 5);
  });

  it('asks the database only where enough is at stake', async () => {
    const first = open();
    const [small, large, consolidation] = [buildGraph(15), buildGraph(16), buildGraph(1, 1_000)];
    for (const graph of [small, large, consolidation]) remember(first, graph);
    await first.beforeApplicationShutdown();
    const second = open();
    const query = jest.spyOn(database.dataSource, 'query');
    try {
      expect(sum(await second.findKnown(small))).toBe(0);
      expect(query).not.toHaveBeenCalled();
      expect(sum(await second.findKnown(large))).toBe(16);
      expect(query).toHaveBeenCalledTimes(1);
      expect(sum(await second.findKnown(consolidation))).toBe(1);
      expect(query).toHaveBeenCalledTimes(2);
    } finally {
      query.mockRestore();
    }
  });

  it('does without a database that is away, says so, and never guesses', async () => {
    const verdicts = open({}, new DataSource({ type: 'postgres' }));
    const [known, other] = [buildGraph(20), buildGraph(20)];
    remember(verdicts, known);
    expect(sum(await verdicts.findKnown(known))).toBe(20);
    expect(sum(await verdicts.findKnown(other))).toBe(0);
    await verdicts.beforeApplicationShutdown();
    expect(counts.get('script_verdicts_not_stored')).toBe(20);
    expect(log.write.mock.calls.map(([, message]) => message as string)).toEqual([
      'script verdicts were not looked up',
      'script verdicts were not stored',
    ]);
  });

  it('lets no more wait for the database than it may', async () => {
    const verdicts = open();
    for (let round = 0; round < 11; round += 1) remember(verdicts, buildGraph(1_000));
    await verdicts.beforeApplicationShutdown();
    expect(await stored()).toBe(10_000);
    expect(counts.get('script_verdicts_not_stored')).toBe(1_000);
  });

  it('keeps in the table what it may, the youngest', async () => {
    const verdicts = open();
    remember(verdicts, buildGraph(30));
    await verdicts.beforeApplicationShutdown();
    const young = buildGraph(20);
    remember(verdicts, young);
    await verdicts.beforeApplicationShutdown();
    class PrunedAtOnce extends ScriptVerdictPruningRunner {
      run1000 = (): Promise<number> => this.prune(1_000);
    }
    const runner = new PrunedAtOnce(database.dataSource, log as never, { scriptVerdictsStoredMax: 20 });
    expect(await runner.run1000()).toBe(30);
    expect(sum(await open().findKnown(young))).toBe(20);
  });

  it('remembers nothing where it may not', async () => {
    const verdicts = open({ scriptVerdictsMemoryMax: 0, scriptVerdictsStoredMax: 0 });
    const graph = buildGraph(20);
    remember(verdicts, graph);
    await verdicts.beforeApplicationShutdown();
    expect(sum(await verdicts.findKnown(graph))).toBe(0);
    expect(await stored()).toBe(0);
  });
});
