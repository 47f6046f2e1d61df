// npm run bench:verify, bench:soak, bench:ledger, bench:auth: prepares what is missing, then runs the named program of test/bench from its sources.
// What follows on the command line goes to the program.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, stop, top } from './prepare.mjs';

const [program, ...argv] = process.argv.slice(2);
const programs = {
  verify: 'verify.ts',
  soak: 'soak.ts',
  ledger: join('ledger', 'main.ts'),
  auth: join('auth', 'main.ts'),
};
if (!Object.hasOwn(programs, program ?? ''))
  stop('the benches are "verify", "soak", "ledger" and "auth"; see npm run bench:verify -- --help');

await prepare({ withDev: true });
const bench = spawn(
  process.execPath,
  [
    // Memory is weighed after a collection, which only this flag lets a program ask for.
    '--expose-gc',
    '--require',
    join(top, 'ops', 'build', 'register-typescript.cjs'),
    join(top, 'test', 'bench', programs[program]),
    ...argv,
  ],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => bench.kill(signal));
bench.once('error', (error) => stop(`the bench cannot be started: ${error.message}`));
bench.once('exit', (code) => process.exit(code ?? 1));
