import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { P2PKH, PrivateKey, Transaction } from '@bsv/sdk';
import type { AncestryVerifiedBeef, Result, VerifiedBeef } from '#atomic-core';
import { buildProvenTransaction, waitUntil } from '#testkit';
import { ScriptCheck } from './script-check';
import { VerificationPool, type PoolSettings } from './verification.pool';
import { workerEntry, type WorkerEntry } from './worker-entry';

const INPUTS = 60;
const settings: PoolSettings = { workers: 2, queueMax: 4, timeoutMs: 20_000, memoryMb: 128, waitMs: 20_000 };
let counted: Record<string, number> = {};
const metrics = {
  counter:
    (name: string) =>
    (amount: number, labels: Readonly<Record<string, string>> = {}) => {
      const key = [name, ...Object.values(labels)].join(' ');
      counted[key] = (counted[key] ?? 0) + amount;
    },
};

/** A worker as in production, but that the first one who is given a part of a BEEF dies of it. */
const mortalEntry = (): WorkerEntry => {
  const { file, execArgv } = workerEntry();
  const mortal = join(mkdtempSync(join(tmpdir(), 'portcullis-worker-')), 'worker.cjs');
  writeFileSync(
    mortal,
    `const { parentPort } = require('node:worker_threads');
     const fs = require('node:fs');
     const on = parentPort.on.bind(parentPort);
     parentPort.on = (event, listener) => on(event, (order) => {
       if (order.op !== 'fast') return listener(order);
       // Two threads may get their parts at the same moment: the file is made by one of them only.
       try { fs.closeSync(fs.openSync(__filename + '.died', 'wx')); } catch { return listener(order); }
       process.exit(1);
     });
     require(${JSON.stringify(file)});`,
  );
  return { file: mortal, execArgv };
};

describe('the scripts of one BEEF', () => {
  let good: Uint8Array;
  const pools: VerificationPool[] = [];

  beforeAll(async () => (good = await buildSpend()), 60_000);
  beforeEach(() => {
    counted = {};
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  const open = async (over: Partial<PoolSettings> = {}): Promise<VerificationPool> => {
    const countOrder = (op: string): void => metrics.counter('order')(1, { op });
    const pool = new VerificationPool({ ...settings, countOrder, ...over });
    pools.push(pool);
    await waitUntil('the threads are ready', () => pool.idle === pool.state().workers);
    return pool;
  };
  const read = async (pool: VerificationPool, beef: Uint8Array): Promise<AncestryVerifiedBeef> => {
    const octets = new Uint8Array(beef);
    const context = { tipHeight: 1_000, medianTimePast: 1_700_000_000, network: 'devnet' } as const;
    const end = await pool.run({ op: 'read', octets, context });
    if (end.kind !== 'answered' || end.answer.op !== 'read') throw new Error(JSON.stringify(end));
    return end.answer.ancestry;
  };
  const check = async (pool: VerificationPool, beef: Uint8Array, known = 0): Promise<Result<VerifiedBeef>> => {
    const verdicts = {
      findKnown: (graph: AncestryVerifiedBeef) => Promise.resolve(new Uint8Array(graph.needed.length).fill(known)),
      remember: () => undefined,
    };
    return new ScriptCheck(pool, verdicts, metrics).verify(await read(pool, beef), 'single');
  };

  it('are shared among the threads that are idle, with the verdict of one thread', async () => {
    const [alone, together] = [await open({ workers: 1 }), await open()];
    expect(await check(alone, good)).toMatchObject({ ok: true });
    expect(counted).toEqual({
      'order read': 1,
      'order scripts': 1,
      'script_inputs known': 0,
      'script_inputs fast': INPUTS,
      'script_inputs interpreted': 0,
    });
    expect(await check(together, good)).toMatchObject({ ok: true });
    expect(counted).toMatchObject({ split_verifications: 1, 'order fast': 2, 'script_inputs fast': 2 * INPUTS });
    expect(counted).toMatchObject({ 'order scripts': 1 });
  });

  it('are asked of no worker where every verdict is known', async () => {
    expect(await check(await open(), good, 1)).toMatchObject({ ok: true });
    expect(counted).toEqual({ 'order read': 1, 'script_inputs known': INPUTS, 'script_inputs fast': 0 });
  });

  it.each([0, 29, 30, INPUTS - 1])('are refused for input %i, shared or not', async (input) => {
    const bad = spoil(good, input);
    const alone = await check(await open({ workers: 1 }), bad);
    const together = await check(await open(), bad);
    expect(together).toEqual(alone);
    expect(alone).toMatchObject({ ok: false, rejection: { code: 'transaction-script-failed', at: { input } } });
    expect(counted).toMatchObject({ split_verifications: 1 });
  });

  it.each([true, false])('have the same verdict when a thread dies of its part (a good BEEF: %s)', async (isGood) => {
    const beef = isGood ? good : spoil(good, 7);
    const alone = await check(await open({ workers: 1 }), beef);
    const pool = await open({ entry: mortalEntry() });
    const verdict = await check(pool, beef);
    expect(verdict.ok).toBe(isGood);
    expect(verdict.ok || verdict).toEqual(alone.ok || alone);
    expect(pool.state().restarts).toBe(1);
    expect(counted).toMatchObject({ split_verifications: 1 });
  });
});

/** The octet before the type of a signature: the last of its S. */
function spoil(beef: Uint8Array, input: number): Uint8Array {
  const bad = Uint8Array.from(beef);
  const key = Buffer.from(KEY.toPublicKey().encode(true) as number[]);
  let at = -1;
  for (let found = 0; found <= input; found += 1) at = Buffer.from(beef).indexOf(key, at + 1);
  bad[at - 3] = (bad[at - 3] ?? 0) ^ 1;
  return bad;
}

const KEY = new PrivateKey(7);

/** One transaction over `INPUTS` outputs of a proven one; V1, which names no subject that would change with a signature. */
async function buildSpend(): Promise<Uint8Array> {
  const lockingScript = new P2PKH().lock(KEY.toAddress());
  const { transaction } = buildProvenTransaction(
    Array.from({ length: INPUTS }, () => ({ lockingScript, satoshis: 10 })),
  );
  const spend = new Transaction();
  for (let sourceOutputIndex = 0; sourceOutputIndex < INPUTS; sourceOutputIndex += 1) {
    const unlockingScriptTemplate = new P2PKH().unlock(KEY);
    spend.addInput({
      sourceTransaction: transaction,
      sourceOutputIndex,
      unlockingScriptTemplate,
      sequence: 0xffffffff,
    });
  }
  spend.addOutput({ lockingScript, satoshis: INPUTS });
  await spend.sign();
  return Uint8Array.from(spend.toBEEF());
}
