import { INPUT_ROW, listScriptInputs, verifyScripts, type AncestryVerifiedBeef } from '#atomic-core';
import { VerificationPool } from '../../src/verification/verification.pool';
import type { OrderEnd } from '../../src/verification/worker-slot';
import { openCurveBinding } from './curve-binding';
import { print } from './report';
import { buildChain, buildConsolidation, buildInputs, buildWide, type Fixture } from './shapes';

/**
 * From how many inputs on does a second thread pay for ONE BEEF? `node --require ./ops/build/register-typescript.cjs test/bench/sharing.ts [ROUNDS [CASE…]]`, by wall
 * clock: what a caller waits for. The best of many rounds in turns stands for a machine that has its cores free; the median tells how free they were.
 */
const [rounds = '400', ...cases] = process.argv.slice(2);
const ROUNDS = Number(rounds);
const SIZES = [4, 8, 12, 16, 24, 32, 50, 100];
const SETTINGS = { workers: 2, queueMax: 16, timeoutMs: 30_000, memoryMb: 128, waitMs: 60_000 };
const CONTEXT = { tipHeight: 2_000_000, medianTimePast: 1_795_000_000, network: 'devnet' } as const;

const refuse = (end: OrderEnd): never => {
  throw new Error(`A worker answered ${JSON.stringify(end)}.`);
};

const read = async (pool: VerificationPool, { beef }: Fixture): Promise<AncestryVerifiedBeef> => {
  const end = await pool.run({ op: 'read', octets: new Uint8Array(beef), context: CONTEXT });
  return end.kind === 'answered' && end.answer.op === 'read' ? end.answer.ancestry : refuse(end);
};

/** In one thread, as below the threshold. What comes back is the graph for the next round. */
const verifyAlone = async (pool: VerificationPool, ancestry: AncestryVerifiedBeef): Promise<AncestryVerifiedBeef> => {
  const known = new Uint8Array(ancestry.needed.length);
  const accepted = new Uint8Array(ancestry.tape.inputs.length / INPUT_ROW);
  const end = await pool.run({ op: 'scripts', ancestry, known, accepted });
  return end.kind === 'answered' && end.answer.op === 'scripts' ? end.answer.verified : refuse(end);
};

/** In two, as from the threshold on. */
const verifyShared = async (pool: VerificationPool, ancestry: AncestryVerifiedBeef): Promise<AncestryVerifiedBeef> => {
  const known = new Uint8Array(ancestry.needed.length);
  const accepted = new Uint8Array(ancestry.tape.inputs.length / INPUT_ROW);
  const rows = listScriptInputs(ancestry, known);
  const half = Math.floor(rows.length / 2);
  const parts = [rows.slice(0, half), rows.slice(half)];
  const ends = await Promise.all(parts.map((part) => pool.run({ op: 'fast', ancestry, rows: part })));
  for (const [place, end] of ends.entries()) {
    if (end.kind !== 'answered' || end.answer.op !== 'fast') return refuse(end);
    for (const [index, row] of (parts[place] ?? []).entries()) accepted[row] = end.answer.verdicts[index] ?? 0;
  }
  if (!verifyScripts(ancestry, { known, accepted }).ok) throw new Error('The parts were refused as a whole.');
  return ancestry;
};

const at = (values: readonly number[], share: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * share)] ?? 0;

async function race(pool: VerificationPool, fixture: Fixture): Promise<string> {
  const spent: { alone: number[]; shared: number[] } = { alone: [], shared: [] };
  let ancestry = await read(pool, fixture);
  for (let round = -20; round < ROUNDS; round += 1) {
    for (const [way, verify] of [['alone', verifyAlone] as const, ['shared', verifyShared] as const]) {
      const startedAt = performance.now();
      ancestry = await verify(pool, ancestry);
      if (round >= 0) spent[way].push(performance.now() - startedAt);
    }
  }
  const cells = [0, 0.1, 0.5].flatMap((share) => {
    const [alone, shared] = [at(spent.alone, share), at(spent.shared, share)];
    return [alone.toFixed(2), shared.toFixed(2), `${(alone / shared).toFixed(2)}x`];
  });
  return [
    fixture.name.padEnd(12),
    String(fixture.signed.length).padStart(5),
    ...cells.map((cell) => cell.padStart(8)),
  ].join('');
}

async function main(): Promise<void> {
  const curve = openCurveBinding();
  if (curve === undefined) throw new Error('The package secp256k1 has no binary for this platform.');
  const pool = new VerificationPool(SETTINGS);
  while (pool.state().ready < SETTINGS.workers) await new Promise((resolve) => setImmediate(resolve));
  const fixtures = [
    ...SIZES.flatMap((size) => [buildChain(curve, size), buildWide(curve, size), buildInputs(curve, size)]),
    buildConsolidation(curve, 1_000),
  ];
  print(`backend ${pool.state().crypto.join(', ')}; ms: best, 10th and 50th of 100 rounds, each alone, shared, gain`);
  const asked = fixtures.filter(({ name }) => cases.length === 0 || cases.includes(name));
  for (const fixture of asked) print(await race(pool, fixture));
  await pool.close();
}

void main();
