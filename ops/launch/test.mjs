// npm test: prepares what is missing, then runs the suites named by --suites (default: all quick ones) with Jest.
// --full: the races as often as they are promised, which takes hours. Everything else on the command line goes to Jest.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, stop, top } from './prepare.mjs';

const QUICK = 'unit,architecture,contract,vectors,journey';

const argv = process.argv.slice(2);
const named = argv.find((word) => word.startsWith('--suites='));
const suites = (named?.slice('--suites='.length) ?? QUICK).split(',');
const rest = argv.filter((word) => word !== named && word !== '--full');

/** What a merge runs a few dozen times. */
const FULL = {
  RACE_ROUNDS: '10000',
  RACE_HTTP_ROUNDS: '10000',
  RACE_ATTEMPTS: '10000',
  RACE_STOCK_ATTEMPTS: '10000',
  RACE_REVOCATIONS: '2000',
  RACE_PROPOSALS: '2000',
  RACE_ACCOUNT_DRAWS: '10000',
};
if (argv.includes('--full')) for (const [name, value] of Object.entries(FULL)) process.env[name] ??= value;

await prepare({ withDev: true });
const jest = spawn(
  process.execPath,
  // The suites last: --selectProjects would take a file pattern behind it for one more suite.
  [join(top, 'node_modules', 'jest', 'bin', 'jest.js'), ...rest, '--selectProjects', ...suites],
  {
    cwd: top,
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal));
jest.once('error', (error) => stop(`the tests cannot be started: ${error.message}`));
jest.once('exit', (code) => process.exit(code ?? 1));
