import { waitUntil } from '#testkit';
import type { BroadcastStatus, Broadcaster } from '#ports';
import { RelayBench } from './relay-bench';

jest.setTimeout(120_000);

describe('the relay and the chain', () => {
  let bench: RelayBench;
  beforeEach(async () => (bench = await RelayBench.open()));
  afterEach(async () => {
    await bench.stopRelays();
    expect(await bench.violations()).toEqual([]);
    await bench.close();
  });

  it('does not move on a Merkle path that leads elsewhere, and moves on the right one', async () => {
    const wallet = await bench.fundedWallet();
    await bench.relay().start();
    const txid = await bench.commit(await bench.build(wallet));
    await bench.waitFor(txid, 'seen');
    await bench.order('faults', { on: 'status', kind: 'wrong-merkle-path', times: 3 });
    await bench.mine();
    await waitUntil(
      'three lies were told',
      async () => ((await bench.order('faults', {}, 'GET')) as unknown as unknown[]).length === 0,
    );
    await bench.waitFor(txid, 'mined');
    expect(await bench.historyOf(txid)).toEqual(['applied', 'seen', 'mined']);
  });

  it('asks about what waits for a block as soon as there is one', async () => {
    const wallet = await bench.fundedWallet();
    await bench.relay().start();
    const txid = await bench.commit(await bench.build(wallet));
    await bench.waitFor(txid, 'seen');
    // As far away as polls come to be that were answered with nothing for long, and farther.
    await waitUntil('its poll waits', async () => {
      const late = `update portcullis.outbox set available_at = now() + interval '1 hour' where kind = 'proof' and state = 'waiting' returning 1`;
      const [rows] = await bench.database.owner.query<[unknown[], number]>(late);
      return rows.length === 1;
    });
    await bench.mine();
    await bench.waitFor(txid, 'mined');
  });

  it('does not move while the word MINED comes without a path, or before our headers know the block', async () => {
    const wallet = await bench.fundedWallet();
    await bench.relay().start();
    const txid = await bench.commit(await bench.build(wallet));
    await bench.waitFor(txid, 'seen');
    await bench.order('mine'); // the network has the block, our headers do not
    const polled = (await bench.rowsOf(txid)).find(({ kind }) => kind === 'proof')?.attempts ?? 0;
    await waitUntil('it was polled again', async () =>
      (await bench.rowsOf(txid)).some(({ kind, attempts }) => kind === 'proof' && attempts > polled + 1),
    );
    expect(await bench.settlementOf(txid)).toBe('seen');
    await bench.syncHeaders();
    await bench.waitFor(txid, 'mined');
  });

  it.each(['include', 'mempool', 'drop'])(
    're-opens a mined transaction after a reorg (its fate on the new branch: %s) and mines it again there',
    async (transactions) => {
      const wallet = await bench.fundedWallet();
      await bench.relay().start();
      const txid = await bench.commit(await bench.build(wallet));
      await bench.waitFor(txid, 'seen');
      await bench.mine();
      await bench.waitFor(txid, 'mined');
      const before = (await bench.find(txid)).proof;

      await bench.order('reorg', { depth: 1, transactions });
      await bench.syncHeaders();
      await waitUntil(
        'the settlement was re-opened',
        async () => (await bench.historyOf(txid)).filter((each) => each === 'seen').length === 2,
      );
      if (transactions === 'drop')
        await waitUntil('it was sent again', async () => (await bench.arrivalsOf(txid)).length === 2);
      await bench.mine();
      // Not until it is `mined`: `final` may follow at once, because the new branch is one block longer.
      await waitUntil('it was mined again', async () => (await bench.historyOf(txid)).length >= 5);
      const after = (await bench.find(txid)).proof;
      expect(after?.blockHash).not.toBe(before?.blockHash);
      expect((await bench.historyOf(txid)).slice(0, 5)).toEqual(['applied', 'seen', 'mined', 'seen', 'mined']);
    },
  );

  it('applies a proof that was in the submission without asking the network', async () => {
    const wallet = await bench.fundedWallet();
    await bench.relay().start();
    const transaction = await bench.build(wallet);
    const signal = new AbortController().signal;
    await bench.broadcaster().broadcast(transaction.id('hex'), Uint8Array.from(transaction.toEF()), signal);
    await bench.mine();
    const { bump } = await bench.broadcaster().fetchStatus(transaction.id('hex'), signal);
    const { MerklePath } = await import('@bsv/sdk');
    transaction.merklePath = MerklePath.fromBinary([...(bump ?? [])]);
    const txid = await bench.commit(transaction);
    await bench.waitFor(txid, 'mined');
    expect(await bench.arrivalsOf(txid)).toHaveLength(1);
  });

  it('parks a row that nobody can handle, with its reason, and goes on with the others', async () => {
    const wallet = await bench.fundedWallet();
    await bench.database.owner.query(
      `insert into portcullis.outbox (dedupe_key, organisation, kind, payload) values ('odd', 'bench', 'carrier-pigeon', '{}')`,
    );
    await bench.relay().start();
    const txid = await bench.commit(await bench.build(wallet));
    await bench.waitFor(txid, 'seen');
    const read = (): Promise<{ state: string; reason: string }[]> =>
      bench.database.dataSource.query(
        `select state, last_error as reason from portcullis.outbox where dedupe_key = 'odd'`,
      );
    await waitUntil('it is parked', async () => (await read())[0]?.state === 'parked');
    expect((await read())[0]?.reason).toContain('no handler for carrier-pigeon');
  });
});

describe('two relays on one database', () => {
  let bench: RelayBench;
  beforeEach(async () => (bench = await RelayBench.open()));
  afterEach(async () => {
    await bench.stopRelays();
    expect(await bench.violations()).toEqual([]);
    await bench.close();
  });

  /** Counts sends and how many of them ran at once for one transaction. */
  class CountingBroadcaster implements Broadcaster {
    readonly name = 'counting';
    constructor(
      private readonly inner: Broadcaster,
      private readonly sends: Map<string, number>,
    ) {}
    async broadcast(...call: Parameters<Broadcaster['broadcast']>): ReturnType<Broadcaster['broadcast']> {
      this.sends.set(call[0], (this.sends.get(call[0]) ?? 0) + 1);
      return this.inner.broadcast(...call);
    }
    fetchStatus(...call: Parameters<Broadcaster['fetchStatus']>): Promise<BroadcastStatus> {
      return this.inner.fetchStatus(...call);
    }
  }

  it('send each transaction once between them', async () => {
    const sends = new Map<string, number>();
    const wallets = await Promise.all(Array.from({ length: 4 }, () => bench.fundedWallet()));
    await bench.relay(new CountingBroadcaster(bench.broadcaster(), sends), 20).start();
    await bench.relay(new CountingBroadcaster(bench.broadcaster(), sends), 20).start();
    const txids = [];
    for (const wallet of wallets) {
      for (let count = 0; count < 10; count += 1) {
        const transaction = await bench.build(wallet);
        const txid = await bench.commit(transaction);
        await bench.waitFor(txid, 'seen'); // its child finds it on the network, so no ancestor is sent twice
        txids.push(txid);
      }
    }
    expect(txids.map((txid) => sends.get(txid))).toEqual(txids.map(() => 1));
  });

  it('give rows back at once when they are stopped in the middle', async () => {
    const wallet = await bench.fundedWallet();
    let reached: () => void = () => undefined;
    const sending = new Promise<void>((resolve) => (reached = resolve));
    const inner = bench.broadcaster();
    const hanging: Broadcaster = {
      name: 'hanging',
      fetchStatus: (txid, signal) => inner.fetchStatus(txid, signal),
      broadcast: (_txid, _bytes, signal) =>
        new Promise((resolve) => {
          reached();
          signal.addEventListener('abort', () => resolve({ kind: 'unknown', detail: 'stopped' }), { once: true });
        }),
    };
    const first = bench.relay(hanging);
    await first.start();
    const txid = await bench.commit(await bench.build(wallet));
    await sending;
    await first.stop();
    expect(await bench.rowsOf(txid)).toMatchObject([{ state: 'waiting', reason: 'the relay stopped' }]);
    await bench.relay().start();
    await bench.waitFor(txid, 'seen');
  });
});
