import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '#testkit';
import { RelayBench } from '../contract/relay-bench';

jest.setTimeout(120_000);

const CHILD = join(__dirname, 'relay-child.cjs');
const BUILT = join(__dirname, '..', '..', 'dist', 'src', 'relay', 'relay.runner.js');

/** Starts a relay process, waits until it has reached the point, and kills it there with SIGKILL. */
const killAt = async (point: string, bench: RelayBench): Promise<void> => {
  const child = spawn(process.execPath, [CHILD, point, bench.database.url, bench.devnet.url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  try {
    await waitUntil(
      `the relay reached ${point}: ${output}`,
      async () => output.includes(`reached ${point}`) || child.exitCode !== null,
      30_000,
    );
    if (child.exitCode !== null) throw new Error(output);
  } finally {
    child.kill('SIGKILL');
  }
  expect(await ended).toBe('SIGKILL');
};

/** Lets the time of every lease run out, as a minute without the dead holder would. */
const outwaitLeases = (bench: RelayBench): Promise<unknown> =>
  bench.database.owner.query(`update portcullis.outbox set lease_until = now() where state = 'leased'`);

describe('a relay killed with SIGKILL', () => {
  let bench: RelayBench;
  beforeAll(() => {
    if (!existsSync(BUILT)) throw new Error('the build is missing; run npm run build');
  });
  beforeEach(async () => (bench = await RelayBench.open()));
  afterEach(async () => {
    await bench.stopRelays();
    expect(await bench.violations()).toEqual([]);
    await bench.close();
  });

  it.each([
    ['K15: leased, before it sent', 'before-send', 1],
    ['K16: sent, before it settled', 'after-send', 2],
  ])(
    '%s: the next relay takes the row over when the lease has run out, and not before',
    async (_name, point, sends) => {
      const txid = await bench.commit(await bench.build(await bench.fundedWallet()));
      await killAt(point, bench);
      expect(await bench.rowsOf(txid)).toMatchObject([{ kind: 'broadcast', state: 'leased', attempts: 1 }]);
      expect(await bench.settlementOf(txid)).toBe('applied');

      await outwaitLeases(bench);
      await bench.relay().start();
      await waitUntil('it is seen', async () => (await bench.settlementOf(txid)) === 'seen', 60_000);
      expect(await bench.arrivalsOf(txid)).toHaveLength(sends);
      expect(await bench.historyOf(txid)).toEqual(['applied', 'seen']);
      await bench.mine();
      await bench.waitFor(txid, 'mined');
    },
  );

  it.each([
    ['K17: settled, before its proof was polled', 'after-settle', false],
    ['K18: proof fetched, before it was applied', 'proof-fetched', true],
  ])('%s: the next relay fetches the proof', async (_name, point, mineFirst) => {
    const transaction = await bench.build(await bench.fundedWallet());
    if (mineFirst) {
      await bench
        .broadcaster()
        .broadcast(transaction.id('hex'), Uint8Array.from(transaction.toEF()), new AbortController().signal);
      await bench.mine();
    }
    const txid = await bench.commit(transaction);
    await killAt(point, bench);
    expect(await bench.settlementOf(txid)).toBe('seen');
    await bench.mine();
    await outwaitLeases(bench);
    await bench.relay().start();
    await waitUntil('it is mined', async () => ['mined', 'final'].includes(await bench.settlementOf(txid)), 60_000);
    expect((await bench.historyOf(txid)).slice(0, 3)).toEqual(['applied', 'seen', 'mined']);
  });
});
