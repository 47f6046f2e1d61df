// What stands between a fresh clone and a running program: the Node.js version, the dependencies, the build.
// No dependencies of its own: it runs before there are any.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PROGRESS_MS = 5_000;

export const report = (line) => process.stderr.write(`portcullis: ${line}\n`);

export function stop(sentence) {
  report(sentence);
  process.exit(1);
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

function checkNode() {
  const wanted = readJson(join(top, 'package.json')).engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [majorMin, minorMin] = wanted.split('.').map(Number);
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  stop(`Node.js ${wanted} or newer is needed; this is ${process.versions.node}.`);
}

/** What package-lock.json asks for and node_modules does not have. npm writes what it installed into a lock of its own. */
function countMissing(withDev) {
  const installedLock = join(top, 'node_modules', '.package-lock.json');
  const wanted = Object.entries(readJson(join(top, 'package-lock.json')).packages).filter(
    ([path, { dev }]) => path !== '' && (withDev || dev !== true),
  );
  if (!existsSync(installedLock)) return wanted.length;
  const installed = readJson(installedLock).packages;
  return wanted.filter(([path, { version, optional }]) => {
    if (installed[path] === undefined) return optional !== true;
    return installed[path].version !== version;
  }).length;
}

/** Runs a program and says every few seconds that it still does; npm shows progress on a terminal only. */
function run(command, argv, waiting) {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const child = spawn(command, argv, { cwd: top, stdio: ['ignore', 'inherit', 'inherit'] });
    const seconds = () => Math.round((performance.now() - startedAt) / 1000);
    const ticks = setInterval(() => report(`${waiting} (${seconds()} s)`), PROGRESS_MS);
    const end = (code) => {
      clearInterval(ticks);
      resolve({ code, seconds: seconds() });
    };
    child.once('error', () => end(127));
    child.once('exit', (code) => end(code ?? 1));
  });
}

async function install(withDev) {
  const missing = countMissing(withDev);
  if (missing === 0) return;
  report(`installing ${missing} packages`);
  const installed = existsSync(join(top, 'node_modules'));
  // A fresh clone gets exactly the lock file. `npm ci` would empty a folder that a running gateway loads from, so an older one is brought
  // up to date in place: `install` keeps to the versions and checksums of the lock file too, and --no-save never rewrites it.
  const command = installed ? ['install', '--no-save'] : ['ci'];
  // Tests need what NODE_ENV=production would leave out. A start does not, and is ready in half the time; it takes nothing away either.
  const part = withDev || existsSync(join(top, 'node_modules', 'jest')) ? '--include=dev' : '--omit=dev';
  const argv = [...command, part, '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const { code, seconds } = await (npm?.endsWith('.js')
    ? run(process.execPath, [npm, ...argv], 'still installing')
    : run('npm', argv, 'still installing'));
  if (code !== 0) {
    stop(
      'the dependencies could not be installed (see above); check that the npm registry can be reached, then start again.',
    );
  }
  report(`installed in ${seconds} s`);
}

/** `withDev`: with what only development needs, the test runner and the linters. */
export async function prepare({ withDev }) {
  checkNode();
  try {
    await install(withDev);
    const { build } = await import('../build/build.mjs');
    await build(report);
  } catch (error) {
    stop(`preparing failed: ${error.message}`);
  }
}
