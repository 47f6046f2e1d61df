import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly os: string;
  readonly node: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly commit: string;
  /** Load average of one minute at the start: above the number of cores, somebody else was here too. */
  readonly load: number;
}

const TOP = join(__dirname, '..', '..');
const PACKAGES = ['@bsv/sdk', 'secp256k1', 'tiny-secp256k1'];

const versionOf = (name: string): string => {
  const file = join(TOP, 'node_modules', name, 'package.json');
  if (!existsSync(file)) return 'absent';
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
};

const git = (...argv: string[]): string => {
  try {
    return execFileSync('git', argv, { cwd: TOP, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
};

/** `-dirty`: the tree had changes that no commit names. Untracked files do not count. */
const readCommit = (): string => {
  const commit = git('rev-parse', '--short=12', 'HEAD');
  if (commit === '') return 'unknown';
  return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}-dirty`;
};

export const describeMachine = (): Machine => ({
  date: new Date().toISOString(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGib: Math.round(totalmem() / 2 ** 30),
  os: `${platform()} ${release()}`,
  node: process.versions.node,
  packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  commit: readCommit(),
  load: Number((loadavg()[0] ?? 0).toFixed(2)),
});
