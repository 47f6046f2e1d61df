import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { compareHanging } from './compare';
import type { JudgedCase, WorkerTask } from './differential-worker';
import { type PublicBeef, makeCase } from './make-case';

export interface DifferentialOrder {
  readonly seed: number;
  readonly cases: number;
  readonly publicBeefs: readonly PublicBeef[];
  readonly threads?: number;
  readonly onProgress?: (judged: number) => void;
}

export interface Finding {
  readonly number: number;
  readonly category: string;
  readonly steps: readonly string[];
  readonly hex: string;
}

export interface DifferentialReport {
  readonly judged: number;
  readonly categories: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

/** The SDK answers every case that it answers at all within milliseconds; a thread that stands still this long is in one that it does not. */
const PATIENCE_MS = 15_000;
const register = join(__dirname, '../../../ops/build/register-typescript.cjs');

interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** Runs one stretch of cases in a thread; when the SDK hangs or outgrows its memory in one, answers which, and the thread is gone. */
const runThread = (
  order: DifferentialOrder,
  { from, until }: Stretch,
  onJudged: (judged: readonly JudgedCase[]) => void,
): Promise<{ hangingAt: number } | 'done'> =>
  new Promise((resolve, reject) => {
    const current = new Int32Array(new SharedArrayBuffer(4));
    const task: WorkerTask = { seed: order.seed, from, until, publicBeefs: order.publicBeefs, current };
    const worker = new Worker(join(__dirname, 'differential-worker.ts'), {
      workerData: task,
      execArgv: ['--require', register],
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    let reported = from;
    let seen = -1;
    const watch = setInterval(() => {
      const now = Atomics.load(current, 0);
      if (now === seen && reported < until) void worker.terminate();
      seen = now;
    }, PATIENCE_MS);
    worker.on('message', (judged: readonly JudgedCase[]) => {
      reported = (judged.at(-1)?.number ?? reported) + 1;
      onJudged(judged);
    });
    let failure: Error | undefined;
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') failure = error;
    });
    worker.on('exit', () => {
      clearInterval(watch);
      if (failure) reject(failure);
      else resolve(reported >= until ? 'done' : { hangingAt: Atomics.load(current, 0) });
    });
  });

/** Cases `from` up to `until`, whatever the SDK does in some of them. */
const runStretch = async (
  order: DifferentialOrder,
  stretch: Stretch,
  onJudged: (judged: readonly JudgedCase[]) => void,
) => {
  let { from } = stretch;
  while (from < stretch.until) {
    const judgedHere: number[] = [];
    const end = await runThread(order, { from, until: stretch.until }, (judged) => {
      judgedHere.push(...judged.map(({ number }) => number));
      onJudged(judged);
    });
    if (end === 'done') return;
    // What was judged since the last report is judged again, up to the case that hangs.
    const next = (judgedHere.at(-1) ?? from - 1) + 1;
    if (end.hangingAt > next) await runStretch(order, { from: next, until: end.hangingAt }, onJudged);
    onJudged([{ number: end.hangingAt, ...compareHanging(makeCase(order.seed, end.hangingAt, order.publicBeefs)) }]);
    from = end.hangingAt + 1;
  }
};

export const runDifferential = async (order: DifferentialOrder): Promise<DifferentialReport> => {
  const { seed, cases, publicBeefs, threads = 1, onProgress } = order;
  const categories: Record<string, number> = {};
  const findings: Finding[] = [];
  let judged = 0;
  const note = (done: readonly JudgedCase[]): void => {
    for (const { number, category, finding } of done) {
      categories[category] = (categories[category] ?? 0) + 1;
      if (!finding) continue;
      const { steps, bytes } = makeCase(seed, number, publicBeefs);
      findings.push({ number, category, steps, hex: Buffer.from(bytes).toString('hex') });
    }
    judged += done.length;
    onProgress?.(judged);
  };
  const each = Math.ceil(cases / threads);
  const stretches = Array.from({ length: threads }, (_, index) => ({
    from: index * each,
    until: Math.min(cases, (index + 1) * each),
  }));
  await Promise.all(stretches.map((stretch) => runStretch(order, stretch, note)));
  return { judged, categories, findings };
};
