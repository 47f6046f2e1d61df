import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { liveCrypto } from '#atomic-core';
import { openCurveBinding } from './curve-binding';
import { describeMachine } from './machine';
import { openVerification } from './open-verification';
import { announce, percent, print, printTable, round, writeResult } from './report';
import { createLoad, type SoakBeef } from './soak-load';
import { Scales, watchWorkers, type Sample, type Weight } from './soak-samples';
import { judgeTrend, lowWater, UNDER_WAY_BYTES, type Series, type Trend } from './soak-trend';

const HELP = `Usage: npm run bench:soak [-- OPTIONS]

Verifies good and hostile BEEFs at full load through the gateway's own verification service, and says whether memory stays flat.

  --minutes N   how long memory is watched after the warm-up (default 10)
  --warm-up N   minutes of load before that (default 2; the allocator takes that long to settle)
  --workers N   worker threads (default 2)
  --json FILE   write the result there instead of test/bench/results
  --help        this text

Exit code 1: memory is not flat (±5 % between the first and the last quarter, and by least squares; a part of it may also move by 4 MiB), or a verdict was wrong.
`;

interface SoakOptions {
  readonly minutes: number;
  readonly warmUp: number;
  readonly workers: number;
  readonly json: string | undefined;
}

/** Script verdicts: few enough that the memory of them is full when the watch begins. */
const REMEMBERED = 2_000;
const SAMPLE_MS = 1_000;
const LANES_PER_WORKER = 4;
/** Samples in the result file: enough to draw the curve, few enough to commit. */
const RECORDED_SAMPLES = 60;

const readOptions = (argv: readonly string[]): SoakOptions | undefined => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: { minutes: text, 'warm-up': text, workers: text, json: text, help: { type: 'boolean', default: false } },
  });
  if (values.help) return undefined;
  const read = (name: string, value: string | undefined, usual: number): number => {
    const number = value === undefined ? usual : Number(value);
    if (!Number.isFinite(number) || number <= 0) throw new Error(`--${name} must be a number above zero.`);
    return number;
  };
  return {
    minutes: read('minutes', values.minutes, 10),
    warmUp: read('warm-up', values['warm-up'], 2),
    workers: read('workers', values.workers, 2),
    json: values.json,
  };
};

interface Tally {
  readonly verdicts: Map<string, number>;
  readonly wrong: string[];
}

const count = ({ verdicts, wrong }: Tally, { name, isGood }: SoakBeef, verdict: string): void => {
  verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  if (isGood !== (verdict === 'accepted') && wrong.length < 10) wrong.push(`${name}: ${verdict}`);
};

const runLoad = async (options: SoakOptions, tally: Tally): Promise<Sample[]> => {
  const curve = openCurveBinding();
  if (curve === undefined)
    throw new Error('The package secp256k1 has no binary for this platform; nothing can be signed.');
  watchWorkers();
  const verification = openVerification(options.workers, REMEMBERED);
  const next = createLoad(curve);
  const scales = new Scales();
  const samples: Sample[] = [];
  const endsAt = performance.now() + (options.minutes + options.warmUp) * 60_000;
  const lane = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const beef = next();
      const result = await verification.verify(beef.beef);
      count(tally, beef, result.ok ? 'accepted' : result.rejection.code);
    }
  };
  const lanes = Array.from({ length: LANES_PER_WORKER * options.workers }, lane);
  while (performance.now() < endsAt) {
    await sleep(SAMPLE_MS);
    samples.push(scales.read());
    if (samples.length % 30 === 0) {
      const verified = [...tally.verdicts.values()].reduce((sum, value) => sum + value, 0);
      announce(
        `${String(samples.length)} s, ${String(verified)} BEEFs, ${mebibytes(samples.at(-1)!.rss)} MiB resident`,
      );
    }
  }
  await Promise.all(lanes);
  scales.close();
  await verification.close();
  return samples;
};

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const threadName = (index: number): string => (index === 0 ? 'main' : `worker ${String(index)}`);

const listSeries = (samples: readonly Sample[]): Series[] => {
  const threads = Math.max(...samples.map((sample) => sample.threads.length));
  const fields: readonly (keyof Weight)[] = ['heapUsed', 'external', 'arrayBuffers'];
  const ofThreads = Array.from({ length: threads }, (_, index) =>
    fields.map((field) => ({
      name: `${threadName(index)} ${field}`,
      values: lowWater(samples.flatMap((sample) => sample.threads[index]?.[field] ?? [])),
      allowanceBytes: UNDER_WAY_BYTES,
    })),
  ).flat();
  return [{ name: 'resident', values: samples.map(({ rss }) => rss), allowanceBytes: 0 }, ...ofThreads];
};

const printTrends = (trends: readonly Trend[]): void =>
  printTable(
    'Memory after the warm-up (MiB; heaps by the low water of every ten seconds)',
    ['what', 'first quarter', 'last quarter', 'change', 'least squares', 'verdict'],
    trends.map((trend) => [
      trend.name,
      mebibytes(trend.firstQuarter),
      mebibytes(trend.lastQuarter),
      percent(trend.change),
      percent(trend.slope),
      trend.isFlat ? 'flat' : 'NOT FLAT',
    ]),
  );

const thin = (samples: readonly Sample[]): object[] => {
  const step = Math.max(1, Math.ceil(samples.length / RECORDED_SAMPLES));
  return samples
    .filter((_, index) => index % step === 0)
    .map(({ atMs, rss, threads }) => ({
      seconds: Math.round(atMs / 1_000),
      rssMib: round(rss / 2 ** 20, 1),
      heapMib: threads.map((weight) => round((weight?.heapUsed ?? 0) / 2 ** 20, 1)),
    }));
};

const run = async (options: SoakOptions): Promise<void> => {
  const machine = describeMachine();
  const { kind, label } = liveCrypto();
  announce(`backend ${kind}; ${String(options.warmUp)} min of warm-up, then ${String(options.minutes)} min watched`);
  const tally: Tally = { verdicts: new Map(), wrong: [] };
  const samples = await runLoad(options, tally);
  const watched = samples.filter(({ atMs }) => atMs >= options.warmUp * 60_000);
  const trends = listSeries(watched).map(judgeTrend);
  printTrends(trends);
  const verdicts = Object.fromEntries([...tally.verdicts].sort());
  const isFlat = trends.every((trend) => trend.isFlat);
  const result = {
    backend: { kind, label },
    minutes: options.minutes,
    warmUpMinutes: options.warmUp,
    workers: options.workers,
    isFlat,
    verdicts,
    wrong: tally.wrong,
    trends: trends.map((trend) => ({
      ...trend,
      firstQuarter: round(trend.firstQuarter, 0),
      lastQuarter: round(trend.lastQuarter, 0),
      change: round(trend.change, 4),
      slope: round(trend.slope, 4),
    })),
    samples: thin(samples),
  };
  const path = writeResult('soak', machine, result, options.json);
  print();
  print(`verdicts: ${JSON.stringify(verdicts)}`);
  for (const line of tally.wrong) print(`WRONG VERDICT ${line}`);
  print(`memory is ${isFlat ? 'flat' : 'NOT flat'}; written to ${path}`);
  if (!isFlat || tally.wrong.length > 0) process.exitCode = 1;
};

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) return print(HELP);
  await run(options);
};

main().catch((error: unknown) => {
  announce(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
