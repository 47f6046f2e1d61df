// Compiles src and libs to dist with swc, keeping the layout. A build of unchanged sources is skipped by a hash.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildMetal } from '../native/build-metal.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const dist = join(top, 'dist');
const stamp = join(dist, '.inputs-hash');
const ROOTS = ['src', 'libs'];
const SETTINGS = ['.swcrc', 'package-lock.json', 'ops/build/build.mjs'];

// The C sources have a build of their own; the page of a topic is its documentation on the overlay routes.
const isInput = (path) =>
  /^src\/topics\/[^/]+\/README\.md$/u.test(path) || !/\.spec\.ts$|\.md$|^libs\/atomic-core\/native\//u.test(path);

function listInputs() {
  return ROOTS.flatMap((root) =>
    readdirSync(join(top, root), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(top, join(entry.parentPath, entry.name))),
  )
    .filter(isInput)
    .sort();
}

function hashInputs(inputs) {
  const hash = createHash('sha256');
  for (const path of [...SETTINGS, ...inputs]) {
    hash.update(`${path}\0`).update(
      createHash('sha256')
        .update(readFileSync(join(top, path)))
        .digest(),
    );
  }
  return hash.digest('hex');
}

async function compile(inputs, target) {
  const { transform } = await import('@swc/core');
  await Promise.all(
    inputs.map(async (path) => {
      const out = join(target, path.replace(/\.ts$/u, '.js'));
      mkdirSync(dirname(out), { recursive: true });
      if (!path.endsWith('.ts')) return copyFileSync(join(top, path), out);
      const source = readFileSync(join(top, path), 'utf8');
      const { code, map } = await transform(source, {
        filename: join(top, path),
        sourceFileName: path,
        configFile: join(top, '.swcrc'),
      });
      writeFileSync(out, `${code}\n//# sourceMappingURL=${out.slice(out.lastIndexOf('/') + 1)}.map\n`);
      if (map !== undefined) writeFileSync(`${out}.map`, map);
    }),
  );
}

/** Built aside and moved into place, so that neither a crash nor a running gateway ever sees half a build. */
async function buildSources(report) {
  const inputs = listInputs();
  const hash = hashInputs(inputs);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
  report(`building ${inputs.length} files`);
  const startedAt = performance.now();
  const draft = `${dist}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  try {
    await compile(inputs, draft);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
  const binary = join(draft, 'src', 'main.js');
  if (existsSync(binary)) chmodSync(binary, 0o755);
  writeFileSync(join(draft, '.inputs-hash'), hash);
  const native = join(dist, 'native');
  if (existsSync(native)) cpSync(native, join(draft, 'native'), { recursive: true });
  rmSync(dist, { recursive: true, force: true });
  renameSync(draft, dist);
  report(`built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return true;
}

/** The sources, and the native addon where the machine can: without it the gateway is slower and otherwise the same, so it never fails a build. */
export async function build(report = () => {}) {
  const changed = await buildSources(report);
  const outcome = await buildMetal(report);
  if (changed && outcome !== 'built' && outcome !== 'current') {
    report(`metal: not built, the prebuilt secp256k1 is used: ${outcome.split('\n', 1)[0]}`);
  }
  return changed;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const report = (line) => process.stderr.write(`portcullis: ${line}\n`);
  if (!(await build(report))) report('the build is up to date');
}
