// npm run check: types, imports and unused code beside lint and format, since each of them keeps one core busy. Prints what each said when it ends.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../..', import.meta.url));
const LANES = [
  ['typecheck', 'check:imports', 'check:unused'],
  ['lint', 'format:check'],
];

const run = (name) =>
  new Promise((resolve) => {
    const from = Date.now();
    let said = '';
    const child = spawn('npm', ['run', '--silent', name], { cwd: top, stdio: ['ignore', 'pipe', 'pipe'] });
    const read = (chunk) => {
      said += chunk;
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => {
      said += error.message;
    });
    child.once('close', (code) => {
      const seconds = ((Date.now() - from) / 1_000).toFixed(0);
      process.stdout.write(`${said}${code === 0 ? 'right' : 'WRONG'}: ${name} (${seconds} s)\n`);
      resolve(code === 0);
    });
  });

const runLane = async (names) => {
  const ends = [];
  for (const name of names) ends.push(await run(name));
  return ends;
};

const ends = (await Promise.all(LANES.map(runLane))).flat();
process.exit(ends.every(Boolean) ? 0 : 1);
