import { openCurveBinding, type CurveBinding } from '../curve-binding';
import { judge, ledgerGoals, printMeasure } from '../goals';
import { describeMachine } from '../machine';
import { announce, print, printTable, writeResult } from '../report';
import { measureGrowth, type LedgerGrowth } from './grow';
import { LineBook, printLines, ratioOf, record, type Contender, type Line } from './line-book';
import { LEDGER_HELP, readLedgerOptions, type LedgerOptions } from './options';
import { openOverlay } from './open-overlay';
import { openServer, type BenchServer } from './open-server';
import { both, paceGroups, paceLedger, paceOverlay, paceTogether } from './race-ledger';
import { paceHttp, signJobs, startGateway, startOverlay, writeJobs } from './race-http';
import { CHAIN, makeWork, storeChain } from './work';

interface Bench {
  readonly server: BenchServer;
  readonly curve: CurveBinding;
  readonly options: LedgerOptions;
}

const CLIENTS = [1, 16] as const;

/** Contenders in turns, round after round, each time with databases and transactions of their own. */
const raceLedger = async ({ server, curve, options }: Bench): Promise<Line[]> => {
  const book = new LineBook();
  for (let at = 0; at <= options.rounds; at += 1) {
    for (const clients of CLIENTS) {
      announce(`ledger alone: round ${String(at)} of ${String(options.rounds)}, clients ${String(clients)}`);
      const work = makeWork(curve, options.count, `ledger ${String(at)} ${String(clients)}`);
      const name = `${String(at)}_${String(clients)}`;
      const single = await server.createLedger(`single_${name}`, clients);
      const grouped = await server.createLedger(`grouped_${name}`, clients);
      const together = await server.createLedger(`together_${name}`, clients);
      const overlay = await openOverlay(await server.createDatabase(`overlay_${name}`), clients, work);
      for (const { owner } of [single, grouped, together]) await storeChain(owner, work);
      const contenders: readonly Contender[] = [
        ['@bsv/overlay Engine.submit', () => both(work, (jobs) => paceOverlay(overlay, jobs, clients))],
        ['COMMIT, one by one', () => both(work, (jobs) => paceLedger(single.database, jobs, clients))],
        ['COMMIT, who waits together', () => both(work, (jobs) => paceTogether(together.database, jobs, clients))],
        ['COMMIT, groups of 50', () => both(work, (jobs) => paceGroups(grouped.database, jobs, clients))],
      ];
      await book.takeTurns(contenders, clients, at);
      await overlay.close();
    }
  }
  return book.list();
};

/** Enough for the compiler of either process: what a server costs in its first second says nothing of the next. */
const WARMING = 600;

const SHAPES = {
  issues: 'one signature a submission',
  chains: `${String(CHAIN)} unproven transactions a submission`,
} as const;
type Shape = keyof typeof SHAPES;

const raceHttp = async ({ server, curve, options }: Bench): Promise<Record<Shape, Line[]>> => {
  const perShape = 2 * (options.rounds + 1) * CLIENTS.length * options.count;
  const fixed = makeWork(curve, WARMING + perShape, 'http', perShape);
  const { url, owner } = await server.createLedger('http', 2);
  await storeChain(owner, fixed);
  const gateway = await startGateway(url, server.folder);
  const overlay = await startOverlay(await server.createDatabase('http_overlay'), 16, fixed.root);
  const books = { issues: new LineBook(), chains: new LineBook() };
  const left = { issues: [...fixed.issues], chains: [...fixed.chains] };
  const race = async (shape: Shape, clients: number, at: number): Promise<void> => {
    const [open, closed] = [left[shape].splice(0, options.count), left[shape].splice(0, options.count)];
    const [ours, theirs] = [await signJobs(gateway, closed), await signJobs(overlay, closed)];
    const contenders: readonly Contender[] = [
      ['overlay behind Express, open', () => paceHttp(overlay, writeJobs(open), clients)],
      ['gateway POST /submit, open', () => paceHttp(gateway, writeJobs(open), clients)],
      ['overlay behind the stock auth middleware', () => paceHttp(overlay, theirs, clients)],
      ['gateway POST /v1/submissions, authenticated', () => paceHttp(gateway, ours, clients)],
    ];
    await books[shape].takeTurns(contenders, clients, at);
  };
  try {
    announce('whole HTTP path: both servers get warm');
    const warming = left.issues.splice(0, WARMING);
    for (const child of [gateway, overlay]) await paceHttp(child, await signJobs(child, warming), 16);
    for (let at = 0; at <= options.rounds; at += 1) {
      for (const clients of CLIENTS) {
        announce(`whole HTTP path: round ${String(at)} of ${String(options.rounds)}, clients ${String(clients)}`);
        for (const shape of ['issues', 'chains'] as const) await race(shape, clients, at);
      }
    }
  } finally {
    await Promise.all([gateway.close(), overlay.close()]);
  }
  return { issues: books.issues.list(), chains: books.chains.list() };
};

const printGrowth = ({ outputs, us, factor }: LedgerGrowth): void =>
  printTable(
    'One COMMIT, one client, by what the ledger holds',
    ['admitted outputs', 'µs', 'factor'],
    outputs.map((count, place) => [
      count.toLocaleString('en-US'),
      (us[place] ?? 0).toFixed(0),
      place === 0 ? '' : factor.toFixed(2),
    ]),
  );

const run = async (options: LedgerOptions): Promise<number> => {
  const curve = openCurveBinding();
  if (curve === undefined) throw new Error('The package secp256k1 has no binary for this platform.');
  const machine = describeMachine();
  const server = await openServer();
  try {
    const bench = { server, curve, options };
    const alone = await raceLedger(bench);
    printLines('Committed submissions (issues and transfers), the ledger alone', alone);
    const path = await raceHttp(bench);
    for (const shape of ['issues', 'chains'] as const)
      printLines(`Committed submissions, whole HTTP path, ${SHAPES[shape]}`, path[shape]);
    const growth = await measureGrowth(server, curve, { grown: options.grown, count: options.count });
    printGrowth(growth);
    const measures = {
      ledger1: ratioOf(alone, 'COMMIT, who', '@bsv', 1),
      ledger16: ratioOf(alone, 'COMMIT, who', '@bsv', 16),
      path1: ratioOf(path.chains, 'gateway POST /v1', 'overlay behind the stock', 1),
      path16: ratioOf(path.chains, 'gateway POST /v1', 'overlay behind the stock', 16),
      ...(options.grown >= 1_000_000 && { flat: growth.factor }),
    };
    const verdicts = judge<keyof typeof ledgerGoals>(ledgerGoals, measures);
    printTable(
      'Gates and goals',
      ['what', 'gate', 'goal', 'measured', 'verdict'],
      verdicts.map((line) => {
        const show = (value: number): string => printMeasure(line, value);
        return [line.name, show(line.gate), show(line.goal), show(line.measured), line.verdict];
      }),
    );
    const content = {
      options,
      ledger: record(alone),
      path: { issues: record(path.issues), chains: record(path.chains) },
      growth,
      verdicts,
    };
    print(`\nresult: ${writeResult('ledger', machine, content, options.json)}`);
    return verdicts.some(({ verdict }) => verdict === 'GATE MISSED') ? 1 : 0;
  } finally {
    await server.close();
  }
};

const options = readLedgerOptions(process.argv.slice(2));
if (options === undefined) print(LEDGER_HELP);
else
  void run(options).then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(2);
    },
  );
