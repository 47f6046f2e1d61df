import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';

export interface FoundModule {
  readonly namespace: Readonly<Record<string, unknown>>;
  /** Where it resolves what it imports. */
  readonly folder: string;
}

type Import = (specifier: string) => Promise<Record<string, unknown>>;

/** Codes of a module system that looked in vain or in the wrong way; any other error is the module's own. */
const RESOLUTION_CODES = new Set([
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_REQUIRE_ESM',
  'ERR_REQUIRE_CYCLE_MODULE',
]);

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
};

/** `import()` as a module in this folder would do it. The compiler would make a `require` of one that stands in the source. */
export function importFrom(folder: string): Import {
  const filename = join(folder, 'portcullis-topics.mjs');
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const script = new Script('(specifier) => import(specifier)', { filename, importModuleDynamically });
  return script.runInThisContext() as Import;
}

/** Imports a package by name or a module by path as whoever stands in one of the folders would: ESM where the package has it, CommonJS where it has not. */
export async function findModule(name: string, folders: readonly string[]): Promise<FoundModule> {
  for (const folder of folders) {
    try {
      return await (/^[./]/u.test(name) ? findByPath(resolve(folder, name)) : findByName(name, folder));
    } catch (error) {
      // Found, and not able to be loaded: another of its name elsewhere is not what was meant.
      if (!isAbsent(error, name, folder)) throw error;
    }
  }
  throw new Error(`it is in none of ${folders.join(', ')}`);
}

function isAbsent(error: unknown, name: string, folder: string): boolean {
  if (!RESOLUTION_CODES.has(codeOf(error))) return false;
  const { message } = error as Error;
  return [name, resolve(folder, name)].some((wanted) => message.includes(`'${wanted}'`));
}

async function findByName(name: string, folder: string): Promise<FoundModule> {
  const [scope = '', rest = ''] = name.split('/');
  const owner = locatePackage(scope.startsWith('@') ? `${scope}/${rest}` : scope, folder) ?? folder;
  return { namespace: await importEither(folder, name), folder: owner };
}

function locatePackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(found)) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

async function findByPath(path: string): Promise<FoundModule> {
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    const file = createRequire(join(path, '..', 'portcullis-topics.js')).resolve(path);
    return { namespace: await importEither(dirname(file), pathToFileURL(file).href, file), folder: dirname(file) };
  }
  const manifest = readManifest(path);
  // A package finds itself by its own name, and only so by its `exports`.
  if (manifest.exports !== undefined && manifest.name !== undefined)
    return { namespace: await importEither(path, manifest.name), folder: path };
  const entry = manifest.main ?? manifest.module;
  const file = createRequire(join(path, 'portcullis-topics.js')).resolve(
    entry === undefined ? path : join(path, entry),
  );
  return { namespace: await importEither(path, pathToFileURL(file).href, file), folder: path };
}

interface Manifest {
  readonly name?: string;
  readonly main?: string;
  readonly module?: string;
  readonly exports?: unknown;
}

function readManifest(folder: string): Manifest {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : {};
}

/** What cannot be imported may still be required: packages with `exports` for `require` alone, ESM builds whose own imports lack their extension. */
async function importEither(folder: string, specifier: string, file = specifier): Promise<Record<string, unknown>> {
  try {
    return await importFrom(folder)(specifier);
  } catch (error) {
    if (!RESOLUTION_CODES.has(codeOf(error))) throw error;
    try {
      return { default: createRequire(join(folder, 'portcullis-topics.js'))(file) as unknown };
    } catch {
      throw error;
    }
  }
}
