import { waitUntil } from '#testkit';
import { P2PKH, Transaction } from '@bsv/sdk';
import { RelayBench } from './relay-bench';

jest.setTimeout(120_000);

const redisUrl = process.env['TEST_REDIS_URL'];
const backends: [string, string | undefined][] = [['PostgreSQL', undefined]];
if (redisUrl !== undefined) backends.push(['Redis', redisUrl]);
else console.warn('SKIPPED: the relay on Redis; set TEST_REDIS_URL to run it');

describe.each(backends)('the relay, woken through %s', (_name, url) => {
  let bench: RelayBench;
  beforeAll(async () => (bench = await RelayBench.open(url)));
  afterEach(async () => {
    // Nothing may stay open that would take the next test's fault.
    await bench.order('faults', {}, 'DELETE');
    await bench.mine();
    await bench.waitForQuiet();
    await bench.stopRelays();
    expect(await bench.violations()).toEqual([]);
  });
  afterAll(() => bench.close());

  it('broadcasts Extended Format after the COMMIT, proves the transaction when it is mined, and makes it final', async () => {
    const wallet = await bench.fundedWallet();
    await bench.relay().start();
    const txid = await bench.commit(await bench.build(wallet));
    await bench.waitFor(txid, 'seen');
    expect(await bench.arrivalsOf(txid)).toMatchObject([{ format: 'extended', status: 200 }]);
    await bench.mine();
    await bench.waitFor(txid, 'mined');
    await bench.mine();
    await bench.mine();
    await bench.waitFor(txid, 'final');
    expect(await bench.historyOf(txid)).toEqual(['applied', 'seen', 'mined', 'final']);
    expect((await bench.rowsOf(txid)).map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'broadcast done',
      'proof done',
    ]);
  });

  it('works off what was committed while no relay ran', async () => {
    const wallet = await bench.fundedWallet();
    const first = await bench.commit(await bench.build(wallet));
    const second = await bench.commit(await bench.build(wallet));
    await bench.relay().start();
    await bench.waitFor(first, 'seen');
    await bench.waitFor(second, 'seen');
  });

  it('works off what the queue has lost', async () => {
    const wallet = await bench.fundedWallet();
    // Makes the queue.
    await bench.relay().start();
    await bench.stopRelays();
    const txid = await bench.commit(await bench.build(wallet));
    await bench.occupyQueue(txid);
    await bench.relay().start();
    await bench.waitFor(txid, 'seen');
  });

  it('hears a COMMIT at once, without waiting for its tick', async () => {
    const wallet = await bench.fundedWallet();
    await bench.relay(bench.broadcaster(), 60_000).start();
    const startedAt = performance.now();
    const txid = await bench.commit(await bench.build(wallet));
    await bench.waitFor(txid, 'seen');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('sends unproven ancestors first when the network lacks them', async () => {
    const wallet = await bench.fundedWallet();
    const parent = await bench.build(wallet);
    const child = await bench.build(wallet);
    await bench.relay().start();
    // Only the child is committed; its parent travels in its BEEF and nobody has broadcast it.
    const txid = await bench.commit(child);
    await bench.waitFor(txid, 'seen');
    expect(await bench.arrivalsOf(parent.id('hex'))).toHaveLength(1);
    await bench.mine();
    await bench.waitFor(txid, 'mined');
  });

  const harmless: [string, object][] = [
    ['no answer before it acted', { on: 'submit', kind: 'drop' }],
    ['no answer after it acted', { on: 'submit', kind: 'drop-answer' }],
    ['HTTP 500', { on: 'submit', kind: 'status', status: 500 }],
    ['HTTP 503', { on: 'submit', kind: 'status', status: 503 }],
    ['HTTP 429', { on: 'submit', kind: 'status', status: 429 }],
    ['HTTP 401', { on: 'submit', kind: 'status', status: 401 }],
    ['garbage', { on: 'submit', kind: 'garbage' }],
    ['64 MB', { on: 'submit', kind: 'huge-body' }],
    ['another txid', { on: 'submit', kind: 'wrong-txid' }],
    ['REJECTED for another txid', { on: 'submit', kind: 'rejected' }],
  ];
  it.each(harmless)('takes %s for unknown: sends again, retracts nothing', async (_what, fault) => {
    const wallet = await bench.fundedWallet();
    await bench.order('faults', { ...fault, times: 2 });
    await bench.relay().start();
    const txid = await bench.commit(await bench.build(wallet));
    await bench.waitFor(txid, 'seen');
    expect(await bench.historyOf(txid)).toEqual(['applied', 'seen']);
    await bench.waitForBroadcastDone(txid);
    expect((await bench.rowsOf(txid))[0]).toMatchObject({ kind: 'broadcast', attempts: 3 });
  });

  it('does not believe one refusal when the status contradicts it', async () => {
    const wallet = await bench.fundedWallet();
    const transaction = await bench.build(wallet);
    const txid = transaction.id('hex');
    const body = { txid, status: 461, title: 'Malformed transaction', detail: 'unlocking script' };
    // The network takes it, then says that it did not: what a re-send of a mined transaction can look like.
    await bench.order('faults', [
      { on: 'submit', kind: 'drop-answer' },
      { on: 'submit', kind: 'answer', status: 461, body },
    ]);
    await bench.relay().start();
    await bench.commit(transaction);
    await bench.waitFor(txid as never, 'seen');
    expect(await bench.historyOf(txid as never)).toEqual(['applied', 'seen']);
  });

  it('waits when a refusal cannot be confirmed', async () => {
    const wallet = await bench.fundedWallet();
    const transaction = await bench.build(wallet);
    const txid = transaction.id('hex');
    await bench.order('faults', [
      { on: 'submit', kind: 'answer', status: 461, body: { txid, status: 461, title: 'Malformed transaction' } },
      { on: 'status', kind: 'drop' },
    ]);
    await bench.relay().start();
    await bench.commit(transaction);
    await bench.waitFor(txid as never, 'seen');
    expect((await bench.rowsOf(txid as never))[0]).toMatchObject({ kind: 'broadcast', attempts: 2 });
  });

  it('retracts what the network refuses for good, with everything built on it', async () => {
    const wallet = await bench.fundedWallet();
    const parent = await bench.build(wallet);
    const child = await bench.build(wallet);
    const txid = parent.id('hex');
    await bench.order('faults', {
      on: 'submit',
      kind: 'answer',
      status: 461,
      // The child may be sent first: it takes an answer for another transaction as no answer.
      times: 2,
      body: { txid, status: 461, title: 'Malformed transaction' },
    });
    const parentTxid = await bench.commit(parent);
    const childTxid = await bench.commit(child);
    await bench.relay().start();
    await bench.waitFor(parentTxid, 'retracted');
    await bench.waitFor(childTxid, 'retracted');
    for (const each of [parentTxid, childTxid]) {
      expect((await bench.rowsOf(each)).filter(({ state }) => state === 'waiting' || state === 'leased')).toEqual([]);
    }
  });

  it('keeps a contested transaction until the network decides, and retracts the loser', async () => {
    const wallet = await bench.fundedWallet();
    const rival = await bench.build(wallet);
    // The same coin, spent again behind the wallet's back.
    const [input] = rival.inputs;
    const source = input?.sourceTransaction;
    if (input === undefined || source === undefined) throw new Error('the rival spends nothing');
    const loser = new Transaction();
    loser.addInput({
      sourceTransaction: source,
      sourceOutputIndex: input.sourceOutputIndex,
      unlockingScriptTemplate: new P2PKH().unlock(wallet.coinKey),
    });
    loser.addOutput({ satoshis: 5_000, lockingScript: wallet.coinLockingScript });
    await loser.sign();
    const broadcaster = bench.broadcaster();
    const sent = await broadcaster.broadcast(
      rival.id('hex'),
      Uint8Array.from(rival.toEF()),
      new AbortController().signal,
    );
    expect(sent.kind).toBe('accepted');

    await bench.relay().start();
    const txid = await bench.commit(loser);
    await bench.waitFor(txid, 'broadcast');
    await waitUntil('it is polled', async () =>
      (await bench.rowsOf(txid)).some(({ kind, attempts }) => kind === 'proof' && attempts > 2),
    );
    expect(await bench.settlementOf(txid)).toBe('broadcast');
    await bench.mine();
    await bench.waitFor(txid, 'retracted');
  });
});
