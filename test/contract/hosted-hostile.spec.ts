import { fsck } from '#ledger';
import { Metrics } from '../../src/telemetry';
import { makeTokens, OperatorFolder } from './hosted-rig';
import { SubmissionsRig, type Answer, type Caller } from './submissions-rig';

const FAILS = [
  ['throw', 'the zoo is closed'],
  ['reject', 'a string'],
  ['throw nothing', 'undefined'],
  ['answer nothing', 'no list outputsToAdmit'],
  ['answer text', 'no list outputsToAdmit'],
  ['answer a set', 'no list outputsToAdmit'],
  ['forget the coins', 'no list coinsToRetain'],
  ['admit beyond', 'do not exist'],
  ['admit twice', 'named twice'],
  ['admit a half', 'no indexes'],
  ['admit less than nothing', 'no indexes'],
  ['admit text', 'no number'],
  ['admit NaN', 'no indexes'],
  ['admit far too many', '10000000 entries'],
  ['retain a stranger', 'do not exist'],
  ['throw in a getter', 'got you'],
] as const;
const STOPS = ['hang', 'block', 'wait', 'exit', 'fill the heap', 'fill buffers', 'throw later'] as const;
const SURVIVES = ['reject later', 'post nonsense', 'print a lot'] as const;

/** Each deed of `hosted/files/zoo.cjs` over HTTP: it costs its own submission and nothing else. */
describe('topic managers that misbehave', () => {
  let folder: OperatorFolder;
  let rig: SubmissionsRig;
  let caller: Caller;
  const submit = async (topic: string, ...fields: string[]): Promise<Answer> => {
    const { beef } = await makeTokens(caller.wallet, fields);
    return caller.submit(beef, { topics: [topic] });
  };
  const admitted = (topic: string) => ({ [topic]: { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [] } });
  /** The neighbour at once, and the same topic when it behaves. */
  const expectServed = async (): Promise<void> => {
    for (const [topic, answer] of [
      ['tm_notes', await submit('tm_notes', 'a note')],
      ['tm_zoo', await submit('tm_zoo', 'well')],
    ] as const)
      expect(answer).toMatchObject({ status: 201, json: { admittance: admitted(topic) } });
  };

  beforeAll(async () => {
    folder = new OperatorFolder();
    rig = await SubmissionsRig.open({
      topics: JSON.stringify([
        { name: 'tm_notes', module: '@fixtures/notes' },
        { name: 'tm_zoo', module: './zoo.cjs' },
      ]),
      topicTimeoutMs: 1_000,
      topicMemoryMb: 64,
    });
    caller = await rig.openCaller(1_000_000);
  }, 120_000);
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    folder.remove();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);

  it.each(FAILS)('refuses the submission of one that does this: %s', async (deed, reason) => {
    const { beef } = await makeTokens(caller.wallet, [deed]);
    let answer: Answer | undefined;
    const refused = await rig.refused(async () => (answer = await caller.submit(beef, { topics: ['tm_zoo'] })));
    expect(refused).toEqual([422, 'topic-failed']);
    expect(answer?.json).toMatchObject({ at: { topic: 'tm_zoo' }, detail: expect.stringContaining(reason) });
  });

  it('serves honest submissions after all of these', expectServed, 60_000);

  it.each(STOPS)(
    'refuses the submission of one that does this, and goes on with a new thread: %s',
    async (deed) => {
      const { beef } = await makeTokens(caller.wallet, [deed]);
      let turns = 0;
      const timer = setInterval(() => (turns += 1), 5);
      let answer: Answer | undefined;
      const refused = await rig.refused(async () => (answer = await caller.submit(beef, { topics: ['tm_zoo'] })));
      clearInterval(timer);
      expect(refused).toEqual([503, 'topic-unavailable']);
      expect(answer?.json).toMatchObject({ at: { topic: 'tm_zoo' }, next: 'retry-same' });
      // The gateway did not stand still with it.
      expect(turns).toBeGreaterThan(5);
      await expectServed();
    },
    60_000,
  );

  it.each(SURVIVES)(
    'is not disturbed by one that does this beside its work: %s',
    async (deed) => {
      const answer = await submit('tm_zoo', deed);
      expect(answer).toMatchObject({ status: 201, json: { admittance: admitted('tm_zoo') } });
      await expectServed();
    },
    60_000,
  );

  it('tells by its metrics how often a topic failed and its thread was replaced', async () => {
    const { exporter } = rig.app.get(Metrics);
    const { resourceMetrics } = await exporter.collect();
    const find = (name: string): Record<string, unknown>[] =>
      resourceMetrics.scopeMetrics
        .flatMap(({ metrics }) => metrics)
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => ({ ...attributes, value })));
    const zoo = (outcome: string): unknown =>
      find('portcullis_topic_calls').find((point) => point['name'] === 'tm_zoo' && point['outcome'] === outcome);
    expect(zoo('failed')).toMatchObject({ value: FAILS.length });
    expect(zoo('unavailable')).toMatchObject({ value: STOPS.length });
    const [replaced, ...others] = find('portcullis_topic_threads_replaced');
    expect([replaced?.['name'], others]).toEqual(['tm_zoo', []]);
    // What it printed may have filled its buffers, too.
    expect(replaced?.['value']).toBeGreaterThanOrEqual(STOPS.length);
  });
});
