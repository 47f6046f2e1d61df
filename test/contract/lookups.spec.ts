import { Beef } from '@bsv/sdk';
import { DataSource } from 'typeorm';
import { makeOutpoint, type Txid } from '#atomic-core';
import { evictOutput } from '#ledger';
import {
  goOn,
  LookupsRig,
  readWay,
  SERVICES,
  setOut,
  TOPIC,
  type Line,
  type Query,
  type Service,
  type Step,
} from './lookups-rig';
import type { Caller } from './submissions-rig';

describe('hosted lookup services over HTTP', () => {
  jest.setTimeout(120_000);
  let rig: LookupsRig;
  let caller: Caller;
  beforeAll(async () => {
    rig = await LookupsRig.open();
    caller = await rig.gateway.openCaller(1_000_000);
  }, 120_000);
  afterAll(() => rig.close(), 60_000);

  const placeOf = ({ txid }: Step): string => `${txid}.0`;
  const make = async (id: string, name: string): Promise<Step> => {
    const made = await setOut(caller.wallet, id, name);
    await rig.submit(caller, made);
    return made;
  };
  const move = async (id: string, from: Step, name?: string): Promise<Step> => {
    const made = await goOn(caller.wallet, id, from, name);
    await rig.submit(caller, made);
    return made;
  };

  describe('tell each what its modes ask for, once and in order', () => {
    let steps: [Step, Step, Step, Step];
    beforeAll(async () => {
      const first = await setOut(caller.wallet, 'told', 'first');
      await rig.submit(caller, first, { offChainValues: Buffer.from('between us').toString('base64') });
      const second = await move('told', first, 'second');
      const third = await move('told', second, 'forgets');
      steps = [first, second, third, await move('told', third)];
    }, 120_000);

    it.each<[Service, { satoshis: number | null; by: boolean; input: number | null }]>([
      ['ls_none', { satoshis: 1, by: false, input: null }],
      ['ls_txid', { satoshis: 1, by: true, input: null }],
      ['ls_script', { satoshis: 1, by: true, input: 0 }],
      ['ls_whole', { satoshis: null, by: true, input: null }],
    ])('%s', async (service, { satoshis, by, input }) => {
      const admitted = (step: Step, values: string | null = null): Line => ({
        ...{ act: 'admitted', topic: TOPIC, output: placeOf(step), id: 'told', step: step.name, satoshis, values },
      });
      const spent = (step: Step, next: Step): Line => ({
        ...{ act: 'spent', topic: TOPIC, output: placeOf(step), by: by ? next.txid : null, input },
      });
      const letGo = (step: Step): Line => ({ act: 'let go', topic: TOPIC, output: placeOf(step) });
      const [first, second, third, end] = steps;
      expect(await rig.heard(service, steps)).toEqual([
        admitted(first, 'between us'),
        ...[spent(first, second), admitted(second)],
        // The topic keeps nothing of what is forgotten, neither the coin nor the way behind it.
        ...[spent(second, third), letGo(second), letGo(first), admitted(third)],
        ...[spent(third, end), letGo(third)],
      ]);
    });
  });

  it('find what is unspent, and what is spent as long as the topic keeps it', async () => {
    const id = 'kept';
    const findAll = async (query: Query): Promise<string[][]> =>
      Promise.all(SERVICES.map((service) => rig.find(service, { id, ...query })));
    const all = (...steps: Step[]): string[][] => SERVICES.map(() => steps.map(placeOf));
    const first = await make(id, 'first');
    expect(await findAll({})).toEqual(all(first));
    const second = await move(id, first, 'second');
    expect(await findAll({})).toEqual(all(second));
    expect(await findAll({ spent: true })).toEqual(all(first, second));
    const third = await move(id, second, 'forgets');
    expect(await findAll({ spent: true })).toEqual(all(third));
    await move(id, third);
    expect(await findAll({ spent: true })).toEqual(all());
  });

  it('answers with as much of the way as the service wants, where the Historian of the SDK finds it', async () => {
    const id = 'a long way';
    // Each with a proof of its own, so that nothing but the wish for history brings a parent into the answer; and each in a block of its own, as readers
    // of the SDK take the proof of a neighbour in the block, which names its sibling, for a proof of that sibling too.
    let last = await make(id, 'first');
    for (const name of ['second', 'third', 'fourth']) {
      await rig.gateway.mineUntilProven();
      last = await move(id, last, name);
    }
    await rig.gateway.mineUntilProven();
    const wayOf = async (history?: number | string[]): Promise<string[]> => {
      const [output] = await rig.ask('ls_whole', { id, ...(history !== undefined && { history }) });
      return readWay(output?.beef ?? []);
    };
    expect(await wayOf()).toEqual(['fourth']);
    expect(await wayOf(0)).toEqual(['fourth']);
    expect(await wayOf(1)).toEqual(['third', 'fourth']);
    expect(await wayOf(10)).toEqual(['first', 'second', 'third', 'fourth']);
    expect(await wayOf(['third', 'second'])).toEqual(['second', 'third', 'fourth']);
    expect(await wayOf([])).toEqual(['fourth']);
  });

  it('adds what the service says beside an output, and answers alike under both routes', async () => {
    const id = 'context';
    const first = await make(id, 'first');
    const query = { id, context: true };
    const [overlay] = await rig.ask('ls_script', query);
    expect(Buffer.from(overlay?.context ?? []).toString()).toBe('first');
    const { status, json } = await caller.lookup(query, 'ls_script');
    const { type, outputs } = json as { type: string; outputs: { beef: number[]; outputIndex: number }[] };
    const [own] = outputs;
    expect([status, type, own?.outputIndex]).toEqual([200, 'output-list', 0]);
    // The resolver gives a BEEF of its own; what it proves is the same.
    expect(own).toEqual({ beef: expect.any(Array), outputIndex: 0, context: overlay?.context });
    expect(await readWay(own?.beef ?? [])).toEqual(await readWay(overlay?.beef ?? []));
    expect(Beef.fromBinary(own?.beef ?? []).atomicTxid).toBe(first.txid);
  });

  it('answers freeform as the service says it, and refuses a question that it throws at', async () => {
    const { status, json } = await caller.lookup({ heard: true }, 'ls_txid');
    expect([status, json]).toEqual([200, { type: 'freeform', result: expect.any(Array) }]);
    const refused = await caller.lookup(null, 'ls_txid');
    expect(refused.json).toMatchObject({ code: 'lookup-failed', detail: expect.stringContaining('ls_txid') });
  });

  it('catch up when they are mended, without holding up the others', async () => {
    const id = 'mended';
    const first = await make(id, 'first');
    rig.break('ls_script');
    const second = await goOn(caller.wallet, id, first, 'second');
    await rig.submit(
      caller,
      second,
      {},
      SERVICES.filter((service) => service !== 'ls_script'),
    );
    expect(await rig.find('ls_whole', { id })).toEqual([placeOf(second)]);
    await rig.waitUntilRefused('ls_script');
    // What it names is spent, and it was not told so.
    expect(await rig.find('ls_script', { id })).toEqual([]);
    rig.mend('ls_script');
    await rig.waitUntilTold();
    expect(await rig.find('ls_script', { id })).toEqual([placeOf(second)]);
    const heard = await rig.heard('ls_script', [first, second]);
    expect(heard.map(({ act, output }) => [act, output])).toEqual([
      ['admitted', placeOf(first)],
      ['spent', placeOf(first)],
      ['admitted', placeOf(second)],
    ]);
  });

  it('forget what is evicted, once', async () => {
    const id = 'evicted';
    const made = await make(id, 'first');
    const order = { outpoint: makeOutpoint(made.txid as Txid, 0), reason: 'asked by a court', organisation: 'gateway' };
    const by = { identityKey: caller.wallet.identityKey, requestId: 'evict' };
    expect(await evictOutput(rig.gateway.app.get(DataSource), { ...order, ...by })).toMatchObject({ ok: true });
    await rig.waitUntilTold();
    for (const service of SERVICES) {
      expect(await rig.find(service, { id })).toEqual([]);
      const heard = await rig.heard(service, [made]);
      expect(heard.map(({ act }) => act)).toEqual(['admitted', 'evicted']);
    }
  });
});
