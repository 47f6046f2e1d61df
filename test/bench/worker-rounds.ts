import { watchNeighbours } from './busy-cores';
import { median, type RaceSettings } from './race';
import { openVerification, type Verification } from './open-verification';
import { printTable, round, times, us } from './report';
import type { Fixture } from './shapes';

export interface WorkersResult {
  readonly name: string;
  /** BEEFs a second with as many under way as keep every worker busy. Wall clock: threads are what is measured. */
  readonly oneWorker: number;
  readonly twoWorkers: number;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** CPU microseconds of all threads for one BEEF: on a machine that is not ours alone, the steadier half of the answer. */
  readonly cpuOneUs: number;
  readonly cpuTwoUs: number;
  /** Cores that everybody else on the machine kept busy meanwhile. */
  readonly neighbours: number;
  /** Milliseconds until the verdict when one BEEF is alone in the gateway. */
  readonly aloneOneMs: number;
  readonly aloneTwoMs: number;
}

/** Cores: with more than this in other hands, two workers share what one had to itself. */
const NEIGHBOURS_MAX = 0.15;

/** Two workers over one, the least of all cases from chain10 on; undefined when the machine was not ours, so that nobody reads a neighbour as a verdict. */
export const leastGain = (results: readonly WorkersResult[]): number | undefined => {
  const judged = results.filter(({ name }) => name !== 'chain1');
  if (judged.length === 0 || judged.some(({ neighbours }) => neighbours > NEIGHBOURS_MAX)) return undefined;
  return Math.min(...judged.map(({ ratio }) => ratio));
};

/** BEEFs under way for each worker: one at work, the others already waiting in line. */
const UNDER_WAY = 4;
const ALONE_CALLS = 5;
/** Each thread compiles its own code, and two threads take as long as one to become hot. */
const WARM_UP_SAMPLES = 3;

const verifyOnce = async (verification: Verification, { name, beef }: Fixture): Promise<void> => {
  const result = await verification.verify(beef);
  if (!result.ok) throw new Error(`${name} was refused in a worker: ${result.rejection.code}`);
};

interface Flow {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** As many at once as keep the line full, for at least `sampleMs`. */
const measureFlow = async (verification: Verification, fixture: Fixture, sampleMs: number): Promise<Flow> => {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - startedAt < sampleMs) {
      await verifyOnce(verification, fixture);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY * verification.workers }, lane));
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (done * 1_000) / (performance.now() - startedAt), cpuUs: (user + system) / done };
};

const measureAlone = async (verification: Verification, fixture: Fixture): Promise<number> => {
  const spent: number[] = [];
  for (let call = 0; call < ALONE_CALLS; call += 1) {
    const startedAt = performance.now();
    await verifyOnce(verification, fixture);
    spent.push(performance.now() - startedAt);
  }
  return median(spent);
};

const raceFixture = async (
  fixture: Fixture,
  [one, two]: readonly [Verification, Verification],
  { rounds, sampleMs }: RaceSettings,
): Promise<WorkersResult> => {
  for (const verification of [one, two]) await measureFlow(verification, fixture, WARM_UP_SAMPLES * sampleMs);
  const neighbours = watchNeighbours();
  const flows: { readonly one: Flow; readonly two: Flow }[] = [];
  for (let number = 0; number < rounds; number += 1) {
    const first = number % 2 === 0 ? one : two;
    const second = first === one ? two : one;
    const measured = new Map([[first, await measureFlow(first, fixture, sampleMs)]]);
    measured.set(second, await measureFlow(second, fixture, sampleMs));
    flows.push({ one: measured.get(one)!, two: measured.get(two)! });
  }
  const othersBusy = neighbours();
  const ratios = flows.map((flow) => flow.two.perSecond / flow.one.perSecond);
  return {
    name: fixture.name,
    oneWorker: median(flows.map((flow) => flow.one.perSecond)),
    twoWorkers: median(flows.map((flow) => flow.two.perSecond)),
    ratio: median(ratios),
    low: Math.min(...ratios),
    high: Math.max(...ratios),
    cpuOneUs: median(flows.map((flow) => flow.one.cpuUs)),
    cpuTwoUs: median(flows.map((flow) => flow.two.cpuUs)),
    neighbours: othersBusy,
    aloneOneMs: await measureAlone(one, fixture),
    aloneTwoMs: await measureAlone(two, fixture),
  };
};

/** The gateway's own verification service and worker threads, without HTTP, once with one worker and once with two. */
export const raceWorkers = async (fixtures: readonly Fixture[], settings: RaceSettings): Promise<WorkersResult[]> => {
  const both = [openVerification(1), openVerification(2)] as const;
  const results: WorkersResult[] = [];
  try {
    for (const fixture of fixtures) results.push(await raceFixture(fixture, both, settings));
  } finally {
    await Promise.all(both.map((verification) => verification.close()));
  }
  return results;
};

export const printWorkers = (results: readonly WorkersResult[]): void =>
  printTable(
    'Worker threads of the gateway (wall clock; BEEFs a second in a full line, ms for a BEEF alone)',
    [
      'case',
      '1 worker',
      '2 workers',
      '2 over 1',
      'rounds',
      'CPU µs, 1',
      'CPU µs, 2',
      'neighbours',
      'alone, 1',
      'alone, 2',
    ],
    results.map((row) => [
      row.name,
      row.oneWorker.toFixed(1),
      row.twoWorkers.toFixed(1),
      row.ratio.toFixed(2),
      `${times(row.low)}–${times(row.high)}`,
      us(row.cpuOneUs),
      us(row.cpuTwoUs),
      row.neighbours.toFixed(2),
      row.aloneOneMs.toFixed(2),
      row.aloneTwoMs.toFixed(2),
    ]),
  );

export const recordWorkers = (results: readonly WorkersResult[]): object[] =>
  results.map((row) => ({
    name: row.name,
    oneWorkerPerSecond: round(row.oneWorker),
    twoWorkersPerSecond: round(row.twoWorkers),
    ratio: round(row.ratio, 3),
    low: round(row.low, 3),
    high: round(row.high, 3),
    cpuOneUs: round(row.cpuOneUs),
    cpuTwoUs: round(row.cpuTwoUs),
    neighbours: round(row.neighbours),
    aloneOneMs: round(row.aloneOneMs),
    aloneTwoMs: round(row.aloneTwoMs),
  }));
