import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../corpus/random';
import { Coverage } from './coverage';
import { type FuzzTarget, mutate, targets } from './targets';

/**
 * `npm run fuzz -- --seconds 60 [--seed N] [--target NAME] [--corpus FOLDER]`. Draws inputs that are nearly right, keeps those that reach new blocks of the core, and
 * damages what it kept. Ends with 1 at the first input that breaks a promise, and prints it.
 */
const BATCH = 64;
/** bytes: what the core does with more of them is measured by the hostile suite. */
const INPUT_BYTES_MAX = 65_536;
/** milliseconds for one input of at most that size; a busy machine gets two more tries. */
const RUN_MS_MAX = 500;
/** Kept inputs of one target; the oldest make room. */
const KEPT_MAX = 4_000;
const SEEDS = join(__dirname, 'seeds');

interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly target: string | undefined;
  readonly corpus: string | undefined;
}

const readOptions = (): Options => {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string' },
      target: { type: 'string' },
      corpus: { type: 'string' },
    },
  });
  const { target, corpus } = values;
  const [seconds, seed] = [Number(values.seconds), Number(values.seed ?? Date.now() % 2 ** 31)];
  // A slip of the pen may not end as a run that found nothing.
  if (!(seconds > 0)) throw new RangeError('--seconds must be more than 0');
  if (!Number.isSafeInteger(seed)) throw new RangeError('--seed must be a whole number');
  const names = targets.map(({ name }) => name);
  if (target !== undefined && !names.includes(target)) throw new RangeError(`--target is one of ${names.join(', ')}`);
  return { seconds, seed, target, corpus };
};

class BrokenPromise extends Error {
  constructor(
    readonly target: string,
    readonly bytes: Buffer,
    what: unknown,
  ) {
    super(what instanceof Error ? (what.stack ?? what.message) : String(what));
  }
}

const timed = (target: FuzzTarget, bytes: Buffer): number => {
  const start = performance.now();
  try {
    target.run(bytes);
  } catch (error) {
    throw new BrokenPromise(target.name, bytes, error);
  }
  return performance.now() - start;
};

const execute = (target: FuzzTarget, bytes: Buffer): void => {
  if (timed(target, bytes) <= RUN_MS_MAX) return;
  const best = Math.min(timed(target, bytes), timed(target, bytes));
  if (best > RUN_MS_MAX) throw new BrokenPromise(target.name, bytes, `took ${Math.round(best)} ms`);
};

/** The kept inputs of one target, one line of hex each; those of the tree first. */
class Pool {
  readonly inputs: Buffer[] = [];
  constructor(
    readonly target: FuzzTarget,
    folders: readonly string[],
  ) {
    for (const folder of folders) {
      const file = join(folder, `${target.name}.txt`);
      if (!existsSync(file)) continue;
      const lines = readFileSync(file, 'utf8').split('\n');
      this.inputs.push(...lines.filter((line) => line !== '').map((line) => Buffer.from(line, 'hex')));
    }
  }

  draw(random: Random): Buffer {
    if (this.inputs.length === 0 || random.chance(3)) return this.target.make(random);
    const [one, other] = [random.pick(this.inputs), random.pick(this.inputs)];
    return mutate(one, other, random).subarray(0, INPUT_BYTES_MAX);
  }

  keep(bytes: Buffer, folder: string | undefined): void {
    this.inputs.push(bytes);
    if (this.inputs.length > KEPT_MAX) this.inputs.shift();
    if (folder !== undefined) appendFileSync(join(folder, `${this.target.name}.txt`), `${bytes.toString('hex')}\n`);
  }
}

/** Which of the batch reached the new blocks? Each is run again alone. */
const keepInteresting = async (
  pool: Pool,
  batch: readonly Buffer[],
  coverage: Coverage,
  folder: string | undefined,
): Promise<void> => {
  await coverage.takeNew();
  for (const bytes of batch) {
    execute(pool.target, bytes);
    const fresh = await coverage.takeNew();
    if (fresh.length === 0) continue;
    coverage.keep(fresh);
    pool.keep(bytes, folder);
  }
};

const fuzz = async ({ seconds, seed, target, corpus }: Options): Promise<string> => {
  const random = new Random(seed);
  const coverage = await Coverage.start(/libs\/atomic-core\/src\/(?!index)/);
  const folders = corpus === undefined ? [SEEDS] : [SEEDS, corpus];
  const pools = targets
    .filter(({ name }) => target === undefined || name === target)
    .map((each) => new Pool(each, folders));
  let executions = 0;
  const from = performance.now();
  for (const pool of pools) {
    executions += pool.inputs.length;
    await keepInteresting(pool, [...pool.inputs], coverage, undefined);
  }
  while (performance.now() - from < seconds * 1_000) {
    // Half of the time goes to BEEFs: they are what strangers send.
    const pool = random.chance(2) ? (pools[0] as Pool) : random.pick(pools);
    const batch = Array.from({ length: BATCH }, () => pool.draw(random));
    for (const bytes of batch) execute(pool.target, bytes);
    executions += batch.length;
    if ((await coverage.takeNew()).length > 0) await keepInteresting(pool, batch, coverage, corpus);
  }
  coverage.stop();
  const { reached, known } = coverage.figures;
  // Without coverage it would draw blindly and keep nothing.
  if (reached === 0) throw new Error('no block of the core was seen to run: the coverage does not work');
  const kept = pools.map((pool) => `${pool.target.name} ${pool.inputs.length}`).join(', ');
  return `seed ${seed}: ${executions} executions, ${reached} of ${known} blocks of the core reached, inputs kept: ${kept}`;
};

const main = async (): Promise<void> => {
  const options = readOptions();
  process.stderr.write(`seed ${options.seed}, ${options.seconds} s\n`);
  try {
    process.stdout.write(`${await fuzz(options)}\n`);
  } catch (error) {
    if (!(error instanceof BrokenPromise)) throw error;
    process.stdout.write(
      `BROKEN: ${error.target}, seed ${options.seed}\n${error.message}\n${error.bytes.toString('hex')}\n`,
    );
    process.exitCode = 1;
  }
};

void main();
