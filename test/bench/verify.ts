import { liveCrypto, type CryptoBackend } from '#atomic-core';
import { listBackends, printBackends, raceBackends, recordBackends } from './backends';
import { printCases, raceCase, recordCases, type CaseResult } from './cases';
import { openCurveBinding, type CurveBinding } from './curve-binding';
import { goals, judgeGoals, printMeasure, type GoalVerdict, type Measures } from './goals';
import { printGrowth, raceGrowth, recordGrowth, type Growth } from './growth';
import { guardVerdicts } from './guard-verdicts';
import { describeMachine } from './machine';
import { printFootprints, recordFootprints, weighBeefs } from './memory';
import { readVerifyOptions, VERIFY_HELP, type VerifyOptions } from './options';
import type { RaceSettings } from './race';
import { printRealSets, raceRealSets, recordRealSets } from './real-set';
import { announce, print, printTable, writeResult } from './report';
import { buildCase, type CaseName, type Fixture } from './shapes';
import { printStages, raceBump, raceExtendedFormat, raceKnown, raceParse, recordStages, type Stage } from './stages';
import { leastGain, printWorkers, raceWorkers, recordWorkers, type WorkersResult } from './worker-rounds';

interface Bench {
  readonly options: VerifyOptions;
  readonly curve: CurveBinding;
  readonly crypto: CryptoBackend;
  readonly fixtures: ReadonlyMap<CaseName, Fixture>;
}

/** Rounds of the whole verification: what the SDK takes for a call decides how many fit. */
const ROUNDS: Readonly<Record<CaseName, number>> = {
  chain1: 15,
  chain10: 13,
  chain100: 9,
  consol100: 7,
  consol1000: 3,
  wide100: 7,
};

const settingsFor = ({ options }: Bench, rounds: number): RaceSettings =>
  options.quick
    ? { rounds: Math.max(1, Math.ceil(rounds / 3)), sampleMs: 20, warmUpMs: 200 }
    : { rounds, sampleMs: 50, warmUpMs: 600 };

const runCases = async (bench: Bench): Promise<CaseResult[]> => {
  const results: CaseResult[] = [];
  for (const [name, fixture] of bench.fixtures) {
    announce(`${name}: ${String(fixture.signed.length)} signatures, checking the verdicts, then timing`);
    await guardVerdicts(fixture, bench.crypto);
    results.push(await raceCase(fixture, bench, settingsFor(bench, ROUNDS[name])));
  }
  printCases(results, bench.crypto.kind);
  return results;
};

const runStages = async (bench: Bench): Promise<Stage[]> => {
  announce('parts of the way: parsing, BUMP, Extended Format, everything known');
  const { crypto, fixtures } = bench;
  const stages: Stage[] = [];
  for (const fixture of fixtures.values())
    stages.push(await raceParse(fixture, crypto, settingsFor(bench, fixture.bumps > 100 ? 5 : 9)));
  const first = [...fixtures.values()][0]!;
  stages.push(await raceBump(first, crypto, settingsFor(bench, 9)));
  for (const fixture of fixtures.values()) {
    if (fixture.name !== 'chain1' && !fixture.name.startsWith('consol')) continue;
    stages.push(await raceExtendedFormat(fixture, crypto, settingsFor(bench, 9)));
  }
  const chain100 = fixtures.get('chain100');
  if (chain100) stages.push(await raceKnown(chain100, crypto, settingsFor(bench, 7)));
  printStages(stages);
  return stages;
};

const least = (values: readonly number[]): number | undefined => (values.length > 0 ? Math.min(...values) : undefined);

interface Parts {
  readonly cases: readonly CaseResult[];
  readonly stages: readonly Stage[];
  readonly growth: readonly Growth[];
  readonly workers: readonly WorkersResult[];
}

const collectMeasures = ({ cases, stages, growth, workers }: Parts): Measures => {
  const findCase = (name: CaseName) => cases.find(({ fixture }) => fixture.name === name);
  const ratios = (start: string) => stages.filter(({ name }) => name.startsWith(start)).map(({ ratio }) => ratio.cpu);
  const measures: Record<string, number | undefined> = {
    share: findCase('wide100')?.backendShare,
    inputs: growth.find(({ name }) => name.startsWith('inputs'))?.factor,
    workers: leastGain(workers),
    parse: least(ratios('parse')),
    ef: least(ratios('Extended')),
    known: least(ratios('everything')),
  };
  for (const name of ['chain1', 'chain10', 'chain100', 'wide100', 'consol1000'] as const)
    measures[name] = findCase(name)?.ratio.cpu;
  return Object.fromEntries(Object.entries(measures).filter(([, value]) => value !== undefined));
};

const printGoals = (verdicts: readonly GoalVerdict[]): void => {
  printTable(
    'Gates and goals',
    ['what', 'gate', 'goal', 'measured', 'verdict'],
    verdicts.map((line) => [
      line.name,
      printMeasure(line, line.gate),
      printMeasure(line, line.goal),
      printMeasure(line, line.measured),
      line.verdict,
    ]),
  );
  const unjudged = Object.values(goals).filter(({ name }) => !verdicts.some((verdict) => verdict.name === name));
  for (const { name } of unjudged) print(`not judged (case not run, or the machine was not ours alone): ${name}`);
};

const prepare = (options: VerifyOptions): Bench => {
  const curve = openCurveBinding();
  if (curve === undefined)
    throw new Error('The package secp256k1 has no binary for this platform; nothing to compare with.');
  const crypto = liveCrypto();
  announce(`backend ${crypto.kind} (${crypto.label}); building ${String(options.cases.length)} fixtures`);
  const fixtures = new Map(options.cases.map((name) => [name, buildCase(curve, name)]));
  return { options, curve, crypto, fixtures };
};

const run = async (options: VerifyOptions): Promise<void> => {
  const startedAt = performance.now();
  const machine = describeMachine();
  const bench = prepare(options);
  const { curve, crypto, fixtures } = bench;
  const whole = options.cases.length === ROUNDS_OF_ALL;
  const cases = await runCases(bench);
  const stages = await runStages(bench);
  if (whole) announce('growth in depth, width, BUMPs and inputs');
  const growth = whole ? await raceGrowth(curve, crypto, settingsFor(bench, 7)) : [];
  if (whole) printGrowth(growth);
  announce('one worker and two');
  const flow = options.quick ? { rounds: 3, sampleMs: 300, warmUpMs: 0 } : { rounds: 5, sampleMs: 800, warmUpMs: 0 };
  const workers = await raceWorkers([...fixtures.values()], flow);
  printWorkers(workers);
  if (whole) announce('the mixed real set, then every backend, then memory');
  const real = whole ? await raceRealSets(crypto, settingsFor(bench, 7)) : [];
  if (whole) printRealSets(real);
  const chain100 = fixtures.get('chain100');
  const backends = chain100 ? await raceBackends(chain100, listBackends(), settingsFor(bench, 5)) : [];
  if (chain100) printBackends(backends, 'chain100');
  const footprints = weighBeefs([...fixtures.values()], crypto);
  printFootprints(footprints);
  const verdicts = judgeGoals(collectMeasures({ cases, stages, growth, workers }));
  printGoals(verdicts);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const path = writeResult(
    'verify',
    machine,
    {
      backend: { kind: crypto.kind, label: crypto.label },
      quick: options.quick,
      seconds,
      units: 'microseconds of process CPU time per BEEF unless a name says otherwise; workers by wall clock',
      goals: verdicts,
      cases: recordCases(cases),
      stages: recordStages(stages),
      growth: recordGrowth(growth),
      workers: recordWorkers(workers),
      real: recordRealSets(real),
      backends: recordBackends(backends),
      memory: recordFootprints(footprints),
    },
    options.json,
  );
  print();
  print(
    `${String(seconds)} s on ${machine.cpu}, ${String(machine.cores)} cores, load ${String(machine.load)} at the start; written to ${path}`,
  );
  if (verdicts.some(({ verdict }) => verdict === 'GATE MISSED')) process.exitCode = 1;
};

const ROUNDS_OF_ALL = Object.keys(ROUNDS).length;

const main = async (): Promise<void> => {
  const options = readVerifyOptions(process.argv.slice(2));
  if (options === undefined) return print(VERIFY_HELP);
  await run(options);
};

main().catch((error: unknown) => {
  announce(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
