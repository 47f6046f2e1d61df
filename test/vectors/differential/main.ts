import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { readPublicBeefs } from './read-public-beefs';
import { runDifferential } from './run-differential';

/** `npm run differential -- --cases 100000 --seed 7`: progress to stderr, the report as JSON to stdout, 1 when there is a finding. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      threads: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const [cases, seed, threads] = [Number(values.cases), Number(values.seed), Number(values.threads)];
  const publicBeefs = readPublicBeefs();
  const start = Date.now();
  let shown = 0;
  const onProgress = (judged: number): void => {
    if (judged - shown < cases / 100) return;
    shown = judged;
    process.stderr.write(`${judged} of ${cases}, ${Math.round((Date.now() - start) / 1_000)} s\n`);
  };
  const { judged, categories, findings } = await runDifferential({ seed, cases, publicBeefs, threads, onProgress });
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const seconds = Math.round((Date.now() - start) / 1_000);
  const sorted = Object.fromEntries(Object.entries(categories).sort(([, one], [, other]) => other - one));
  const head = { date: new Date().toISOString().slice(0, 10), commit, node: process.version, sdk: '@bsv/sdk 2.1.0' };
  const report = { ...head, seed, judged, publicBeefs: publicBeefs.length, seconds, categories: sorted, findings };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  process.exitCode = findings.length === 0 && judged === cases ? 0 : 1;
};

void main();
