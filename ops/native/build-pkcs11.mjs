// Compiles the binding of the optional package pkcs11js, which has no prebuilt one and whose own install script would want the network, and proves that this
// Node.js loads it. Asked for by hand: only a gateway whose key store is PKCS#11 needs it.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const source = join(top, 'node_modules', 'pkcs11js');
const folder = join(source, 'build', 'Release');
const compiler = process.env.CXX ?? 'c++';
const SOURCES = ['dl', 'common', 'main'].map((name) => join('src', `${name}.cpp`));
const FLAGS = ['-std=c++17', '-O2', '-fPIC', '-fvisibility=hidden', '-fstack-protector-strong', '-w'];
const LINK = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-Wl,-z,now'];

const report = (line) => process.stderr.write(`portcullis: ${line}\n`);

/** Of the installation that runs, else of the development package. */
function findHeaders() {
  const candidates = [
    join(dirname(process.execPath), '..', 'include', 'node'),
    join(top, 'node_modules', 'node-api-headers', 'include'),
  ];
  return candidates.find((path) => existsSync(join(path, 'node_api.h')));
}

async function build() {
  const headers = findHeaders();
  if (!existsSync(source)) return 'the package pkcs11js is not installed';
  if (headers === undefined) return 'there are no headers of Node-API';
  mkdirSync(folder, { recursive: true });
  const draft = join(folder, `pkcs11.${process.pid}.node`);
  const defines = ['-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DNODE_GYP_MODULE_NAME=pkcs11'];
  try {
    await run(
      compiler,
      [...FLAGS, ...defines, `-I${headers}`, '-Iincludes', ...SOURCES, ...LINK, '-o', draft, '-ldl'],
      {
        cwd: source,
      },
    );
    // In a process of its own: a file that cannot be loaded may end the process that tries.
    await run(process.execPath, ['-e', 'new (require(process.argv[1]).PKCS11)()', draft]);
    // Moved, never written over: a running gateway has the old file mapped.
    renameSync(draft, join(folder, 'pkcs11.node'));
    return undefined;
  } catch (error) {
    rmSync(draft, { force: true });
    return (error.stderr || error.message).trim();
  }
}

const reason = await build();
report(reason === undefined ? 'pkcs11: built' : `pkcs11: not built: ${reason}`);
if (reason !== undefined) process.exitCode = 1;
