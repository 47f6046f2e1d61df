// Compiles libs/atomic-core/native and the libsecp256k1 beside it to dist/native/metal.node with the C compiler of the machine, and proves that this Node.js
// loads it. Optional: without it the gateway uses the prebuilt binding. `npm run build:metal` fails loudly; `npm run build` only says why not.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const sources = join(top, 'libs', 'atomic-core', 'native');
const curve = join(sources, 'libsecp256k1');
const folder = join(top, 'dist', 'native');
const addon = join(folder, 'metal.node');
/** What it was built from, and what came of it: a file that was cut short or replaced since is built again, before anybody maps it. */
const stamp = join(folder, '.inputs-hash');
/** The inputs that did not compile: not tried again on every start. */
const failure = join(folder, '.failed-inputs');
const LIBRARY = 'libsecp256k1 0.8.0';
const PROCESSORS = ['x64', 'arm64'];
const compiler = process.env.CC ?? 'cc';

// No -march: the file may be moved to another machine. -z now: a symbol that this Node.js lacks is an error of the load, not the end of the process later.
const FLAGS = [
  '-std=c11',
  '-O2',
  '-fPIC',
  '-fvisibility=hidden',
  '-fstack-protector-strong',
  '-fstack-clash-protection',
];
const HARDENED = ['-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2'];
const STRICT = ['-Wall', '-Wextra', '-Werror'];
const LINK = ['-shared', '-Wl,-z,now', '-Wl,-z,relro', '-Wl,-z,noexecstack'];
const CURVE = [`-I${join(curve, 'include')}`, `-I${join(curve, 'src')}`];
const TABLES = ['-DECMULT_WINDOW_SIZE=15', '-DCOMB_BLOCKS=11', '-DCOMB_TEETH=6', '-Wno-unused-function'];

const OURS = ['metal', 'hashing', 'signatures'];
const GENERATED = ['precomputed_ecmult', 'precomputed_ecmult_gen'];

/** Of the installation that runs, else of the development package. */
function findHeaders() {
  const candidates = [
    join(dirname(process.execPath), '..', 'include', 'node'),
    join(top, 'node_modules', 'node-api-headers', 'include'),
  ];
  return candidates.find((path) => existsSync(join(path, 'node_api.h')));
}

async function findCompiler() {
  try {
    return (await run(compiler, ['--version'])).stdout.split('\n', 1)[0];
  } catch {
    return undefined;
  }
}

function hashInputs(version) {
  const hash = createHash('sha256').update(
    `${version}\0${process.platform}\0${process.arch}\0${process.versions.modules}\0`,
  );
  const paths = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const path of [fileURLToPath(import.meta.url), ...paths]) {
    hash.update(`${relative(top, path)}\0`).update(hashFile(path));
  }
  return hash.digest('hex');
}

const hashFile = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Whether the file is the one that was built from these inputs. */
export const isBuilt = (path, stampPath, hash) =>
  existsSync(path) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === `${hash} ${hashFile(path)}`;

async function compile(headers, work) {
  const cc = (...argv) => run(compiler, argv, { cwd: work });
  const object = (path, out, ...flags) => cc(...FLAGS, ...HARDENED, ...flags, ...CURVE, '-c', path, '-o', `${out}.o`);
  mkdirSync(join(work, 'src'));
  // The tables of multiples of the generator are 2.6 MB of source: made here by libsecp256k1's own programs, in 50 ms, instead of kept in the tree.
  const makeTable = async (name) => {
    const program = join(work, name.replace('precomputed', 'precompute'));
    await cc(
      '-std=c11',
      '-O1',
      '-w',
      ...CURVE,
      join(curve, 'src', `${name.replace('precomputed', 'precompute')}.c`),
      '-o',
      program,
    );
    await run(program, [], { cwd: work });
    await object(join(work, 'src', `${name}.c`), name, ...TABLES);
  };
  await Promise.all([
    ...GENERATED.map(makeTable),
    object(join(curve, 'src', 'secp256k1.c'), 'secp256k1', ...TABLES),
    ...OURS.map((name) =>
      object(join(sources, `${name}.c`), name, ...STRICT, `-I${headers}`, `-DMETAL_LIBRARY="${LIBRARY}"`),
    ),
  ]);
  const objects = [...OURS, 'secp256k1', ...GENERATED].map((name) => `${name}.o`);
  await cc(...LINK, ...objects, '-o', 'metal.node');
}

/** In a process of its own: a file that cannot be loaded may end the process that tries. */
const PROOF = "if (typeof require(process.argv[1]).verifyBatch !== 'function') throw new Error('it exports nothing')";
const proveLoad = (path) => run(process.execPath, ['-e', PROOF, path]);

async function build(headers, hash, report) {
  const startedAt = performance.now();
  const work = mkdtempSync(join(tmpdir(), 'portcullis-metal-'));
  try {
    await compile(headers, work);
    const draft = join(folder, `metal.${process.pid}.node`);
    writeFileSync(draft, readFileSync(join(work, 'metal.node')), { mode: 0o755 });
    await proveLoad(draft);
    // Moved, never written over: a running gateway has the old file mapped.
    renameSync(draft, addon);
    writeFileSync(stamp, `${hash} ${hashFile(addon)}`);
    rmSync(failure, { force: true });
  } catch (error) {
    // Neither half of the new one nor the old one: what runs is built from what is here, or is not ours.
    for (const path of [join(folder, `metal.${process.pid}.node`), addon]) rmSync(path, { force: true });
    writeFileSync(failure, hash);
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  report(`metal: built on ${LIBRARY} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** 'built' or 'current', else the reason why not. `again`: also when the same inputs have failed before. */
export async function buildMetal(report, { again = false } = {}) {
  const headers = findHeaders();
  const version = await findCompiler();
  if (process.platform !== 'linux') return `it is not built on ${process.platform}`;
  if (!PROCESSORS.includes(process.arch)) return `it is not built on ${process.arch}`;
  if (version === undefined) return `there is no C compiler (${compiler})`;
  if (headers === undefined) return 'there are no headers of Node-API';
  mkdirSync(folder, { recursive: true });
  const hash = hashInputs(version);
  if (isBuilt(addon, stamp, hash)) return 'current';
  const hasFailed = existsSync(failure) && readFileSync(failure, 'utf8') === hash;
  if (hasFailed && !again) return 'the same sources failed before (npm run build:metal says how)';
  try {
    await build(headers, hash, report);
    return 'built';
  } catch (error) {
    return `it failed: ${(error.stderr || error.message).trim()}`;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const report = (line) => process.stderr.write(`portcullis: ${line}\n`);
  const outcome = await buildMetal(report, { again: true });
  if (outcome === 'current') report('metal: up to date');
  else if (outcome !== 'built') {
    report(`metal: not built: ${outcome}`);
    process.exitCode = 1;
  }
}
