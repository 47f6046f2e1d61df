import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { P2PKH, PrivateKey, Transaction } from '@bsv/sdk';
import { INPUT_ROW, type AncestryVerifiedBeef, type CryptoKind } from '#atomic-core';
import { buildProvenTransaction, waitUntil } from '#testkit';
import { VerificationPool, type PoolSettings } from './verification.pool';
import type { WorkerEntry } from './worker-entry';
import type { WorkerOrder } from './worker-order';
import type { OrderEnd } from './worker-slot';

const context = { tipHeight: 1_000, medianTimePast: 1_700_000_000, network: 'devnet' } as const;
const settings: PoolSettings = { workers: 1, queueMax: 4, timeoutMs: 20_000, memoryMb: 128, waitMs: 20_000 };

const scriptsOrder = (ancestry: AncestryVerifiedBeef): WorkerOrder => ({
  op: 'scripts',
  ancestry,
  known: new Uint8Array(ancestry.needed.length),
  accepted: new Uint8Array(ancestry.tape.inputs.length / INPUT_ROW),
});

const readOrder = (bytes: Uint8Array): WorkerOrder => ({ op: 'read', octets: new Uint8Array(bytes), context });

/** A worker, the first `threadsMax` of them ready, that misbehaves as its first byte says: 1 the SDK meets its ten-byte bomb, 2 endless loop, 3 dies, 4 throws; else answers, for 5 telling so in a file. */
const hostileEntry = ({
  crypto = 'native',
  threadsMax = 99,
}: { crypto?: CryptoKind; threadsMax?: number } = {}): WorkerEntry => {
  const file = join(mkdtempSync(join(tmpdir(), 'portcullis-worker-')), 'worker.cjs');
  const sdk = JSON.stringify(require.resolve('@bsv/sdk'));
  writeFileSync(
    file,
    `const { parentPort } = require('node:worker_threads');
     parentPort.on('message', ({ octets }) => {
       const [order, answer] = octets;
       if (order === 1) require(${sdk}).Transaction.fromBEEF([...Buffer.from('0100beef00feffffffff', 'hex')]);
       if (order === 2) for (;;);
       if (order === 3) process.exit(1);
       if (order === 5) setImmediate(() => require('node:fs').writeFileSync(__filename + '.answered', ''));
       parentPort.postMessage({ op: 'refused', rejection: { code: 'beef-malformed', detail: 'answered ' + answer } });
     });
     require('node:fs').appendFileSync(__filename + '.started', '.');
     const started = require('node:fs').statSync(__filename + '.started').size;
     if (started <= ${threadsMax}) parentPort.postMessage({ op: 'ready', crypto: ${JSON.stringify(crypto)} });`,
  );
  return { file, execArgv: [] };
};

/** Turns of the main loop while something runs: a blocked loop makes next to none, however fast or slow the machine is. */
const countTicks = async <T>(run: () => Promise<T>): Promise<{ ticks: number; value: T }> => {
  let ticks = 0;
  let running = true;
  const tick = (): void => {
    ticks += 1;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  const value = await run();
  running = false;
  return { ticks, value };
};

const codeOf = (end: OrderEnd): string =>
  end.kind === 'answered' ? (end.answer.op === 'refused' ? end.answer.rejection.code : end.answer.op) : end.kind;

describe('the verification pool', () => {
  const pools: VerificationPool[] = [];
  const open = (over: Partial<PoolSettings> = {}): VerificationPool => {
    const pool = new VerificationPool({ ...settings, ...over });
    pools.push(pool);
    return pool;
  };
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  const allReady = (pool: VerificationPool, threads: number): Promise<void> =>
    waitUntil('every thread is ready', () => pool.state().crypto.length === threads);

  it('reads a BEEF and runs its scripts in a thread, all that it is handed back and forth and copied never', async () => {
    const pool = open();
    const { beef } = await buildSpend(1);
    const read = await pool.run(readOrder(beef));
    if (read.kind !== 'answered' || read.answer.op !== 'read') throw new Error(codeOf(read));
    const { ancestry, roots } = read.answer;
    expect(roots).toHaveLength(1);
    const scripts = await pool.run(scriptsOrder(ancestry));
    expect(codeOf(scripts)).toBe('scripts');
    const { tape, ...columns } = ancestry;
    const arrays = [...Object.values(tape), ...Object.values(columns)].filter((each) => ArrayBuffer.isView(each));
    expect(arrays.length).toBeGreaterThan(8);
    expect(arrays.map(({ byteLength }) => byteLength).filter((length) => length > 0)).toEqual([]);
  });

  it('refuses count bombs in microseconds, without losing a thread', async () => {
    const pool = open();
    const bombs = ['0100beef00feffffffff', '0200beef00feffffffff', '0200beef00feffffff0f', '0100beeffeffffffff'];
    for (const bomb of bombs) expect(codeOf(await pool.run(readOrder(Buffer.from(bomb, 'hex'))))).toMatch(/^beef-/);
    expect(pool.state().restarts).toBe(0);
  });

  it('contains what the SDK would die of: the thread is replaced, the main loop turns, the next order is answered', async () => {
    const pool = open({ entry: hostileEntry(), memoryMb: 64 });
    const { ticks, value } = await countTicks(() => pool.run(readOrder(Uint8Array.of(1))));
    expect(codeOf(value)).toBe('limit');
    expect(ticks).toBeGreaterThan(100);
    expect(codeOf(await pool.run(readOrder(Uint8Array.of(0))))).toBe('beef-malformed');
    expect(pool.state()).toMatchObject({ workers: 1, ready: 1, restarts: 1 });
  });

  it('ends an order that overruns its time and one whose thread dies, and tells them apart', async () => {
    const pool = open({ entry: hostileEntry(), timeoutMs: 200 });
    expect(codeOf(await pool.run(readOrder(Uint8Array.of(2))))).toBe('limit');
    expect(codeOf(await pool.run(readOrder(Uint8Array.of(3))))).toBe('lost');
    expect(codeOf(await pool.run(readOrder(Uint8Array.of(0))))).toBe('beef-malformed');
    expect(pool.state().restarts).toBe(2);
  });

  it('gives nothing more to a thread that answered while it was being ended for its lateness', async () => {
    const entry = hostileEntry();
    const timeoutMs = 500;
    const pool = open({ entry, timeoutMs });
    await allReady(pool, 2);
    // From here on the next turn of the loop looks at its timers before it looks at its messages.
    await new Promise(setImmediate);
    const late = pool.run(readOrder(Uint8Array.of(5)));
    const next = pool.run(readOrder(Uint8Array.of(0)));
    // The main thread is held up until both are there: the deadline and the answer.
    const asked = performance.now();
    while (!existsSync(`${entry.file}.answered`) || performance.now() - asked <= timeoutMs);
    expect(codeOf(await late)).toBe('beef-malformed');
    expect(codeOf(await next)).toBe('beef-malformed');
  });

  it('turns away who finds the line full, and who waited too long', async () => {
    const pool = open({ entry: hostileEntry(), timeoutMs: 1_000, queueMax: 1, waitMs: 250 });
    // Until the thread is there, who asks waits too long as well.
    while (codeOf(await pool.run(readOrder(Uint8Array.of(0)))) === 'busy');
    const stuck = pool.run(readOrder(Uint8Array.of(2)));
    const waiting = pool.run(readOrder(Uint8Array.of(0)));
    expect(codeOf(await pool.run(readOrder(Uint8Array.of(0))))).toBe('busy');
    expect(pool.state()).toMatchObject({ busy: 1, queued: 1 });
    expect(codeOf(await waiting)).toBe('busy');
    expect(codeOf(await stuck)).toBe('limit');
  });

  it('answers who comes next without waiting for a new thread when one had to be killed', async () => {
    // The third thread never loads: the one that answers can only be the one that stood ready.
    const pool = open({ entry: hostileEntry({ threadsMax: 2 }), timeoutMs: 100 });
    await allReady(pool, 2);
    const killed = pool.run(readOrder(Uint8Array.of(2)));
    const next = pool.run(readOrder(Uint8Array.of(0)));
    expect(pool.state()).toMatchObject({ ready: 1, busy: 1, queued: 1 });
    expect(codeOf(await killed)).toBe('limit');
    expect(codeOf(await next)).toBe('beef-malformed');
    expect(pool.state()).toMatchObject({ ready: 1, restarts: 1 });
  });

  it('never lets the thread that stands ready work beside those that may', async () => {
    const pool = open({ entry: hostileEntry(), timeoutMs: 300, workers: 2 });
    await allReady(pool, 3);
    expect(pool.idle).toBe(2);
    const stuck = [2, 2, 2].map((order) => pool.run(readOrder(Uint8Array.of(order))));
    expect(pool.state()).toMatchObject({ ready: 2, busy: 2, queued: 1 });
    expect(pool.idle).toBe(0);
    expect((await Promise.all(stuck)).map(codeOf)).toEqual(['limit', 'limit', 'limit']);
  });

  it('serves a single order before all that came in bulk', async () => {
    const pool = open({ entry: hostileEntry() });
    await allReady(pool, 2);
    const ended: string[] = [];
    const run = async (name: number, urgency: 'single' | 'bulk'): Promise<void> => {
      const end = await pool.run(readOrder(Uint8Array.of(0, name)), urgency);
      if (end.kind === 'answered' && end.answer.op === 'refused') ended.push(end.answer.rejection.detail);
    };
    await Promise.all([run(1, 'bulk'), run(2, 'bulk'), run(3, 'bulk'), run(4, 'single')]);
    expect(ended).toEqual(['answered 1', 'answered 4', 'answered 2', 'answered 3']);
  });

  it('counts no thread as ready that computes with less than is demanded', async () => {
    const pool = open({ entry: hostileEntry({ crypto: 'sdk' }), accepts: (kind) => kind === 'native', waitMs: 300 });
    expect(codeOf(await pool.run(readOrder(Uint8Array.of(0))))).toBe('busy');
    expect(pool.state()).toMatchObject({ ready: 0, crypto: ['sdk'] });
    await waitUntil('it is tried again', () => pool.state().restarts > 0);
  });

  it('closes gracefully: begun work is finished, waiting work turned away', async () => {
    const pool = open();
    const { beef } = await buildSpend(1);
    await pool.run(readOrder(Uint8Array.of(0)));
    const begun = pool.run(readOrder(beef));
    const waiting = pool.run(readOrder(beef));
    await pool.close();
    expect(codeOf(await begun)).toBe('read');
    expect(codeOf(await waiting)).toBe('stopping');
    expect(codeOf(await pool.run(readOrder(beef)))).toBe('stopping');
  });

  it('keeps the main loop turning while 100 signatures are checked', async () => {
    const pool = open();
    const { beef } = await buildSpend(100);
    const read = await pool.run(readOrder(beef));
    if (read.kind !== 'answered' || read.answer.op !== 'read') throw new Error(codeOf(read));
    const { ancestry } = read.answer;
    const { ticks, value } = await countTicks(() => pool.run(scriptsOrder(ancestry)));
    expect(codeOf(value)).toBe('scripts');
    expect(ticks).toBeGreaterThan(100);
  });
});

/** A signed transaction over `inputs` outputs of a proven one. */
async function buildSpend(inputs: number): Promise<{ beef: Uint8Array }> {
  const key = PrivateKey.fromRandom();
  const lockingScript = new P2PKH().lock(key.toAddress());
  const { transaction } = buildProvenTransaction(
    Array.from({ length: inputs }, () => ({ lockingScript, satoshis: 10 })),
  );
  const spend = new Transaction();
  for (let index = 0; index < inputs; index += 1) {
    const unlockingScriptTemplate = new P2PKH().unlock(key);
    spend.addInput({
      sourceTransaction: transaction,
      sourceOutputIndex: index,
      unlockingScriptTemplate,
      sequence: 0xffffffff,
    });
  }
  spend.addOutput({ lockingScript, satoshis: inputs });
  await spend.sign();
  return { beef: spend.toAtomicBEEFUint8Array() };
}
