import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const top = join(__dirname, '..', '..');
const LINES_MAX = 300;

/** Tracked and new files alike, so that the test sees a file before its commit does. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: top,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '');

const read = (path: string): string => {
  try {
    return readFileSync(join(top, path), 'utf8');
  } catch {
    // Deleted in the working tree and not yet in the index.
    return '';
  }
};

const sources = files.filter((path) => /^(src|libs|test)\/.*\.ts$/u.test(path));
const production = sources.filter((path) => /^(src|libs)\//u.test(path) && !path.endsWith('.spec.ts'));
const core = production.filter((path) => path.startsWith('libs/atomic-core/'));
const code = (path: string): string => read(path).replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gmu, '$1');

/** Every line of `paths` that matches, as `path:line text`. */
const find = (paths: readonly string[], pattern: RegExp, text = code): string[] =>
  paths.flatMap((path) =>
    text(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${String(index + 1)} ${line.trim()}`] : [])),
  );

describe('the tree is tidy', () => {
  it('is read at all', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(core.length).toBeGreaterThan(10);
  });

  it(`keeps every source file within ${String(LINES_MAX)} lines`, () => {
    const long = sources.filter((path) => read(path).split('\n').length - 1 > LINES_MAX);
    expect(long).toEqual([]);
  });

  it('names files in kebab-case, with roles from the closed list', () => {
    const roles = 'controller|guard|service|module|handler|pool|runner|filter|probe|source|broadcaster|topic|lookup';
    const name = new RegExp(`^[a-z0-9]+(-[a-z0-9]+)*(\\.(${roles}))?(\\.spec)?\\.ts$`, 'u');
    expect(sources.filter((path) => !name.test(basename(path)))).toEqual([]);
  });

  it('uses none of the names that say nothing', () => {
    const empty =
      /\b(class|interface|type|enum|function|const)\s+\w+(Helper|Util|Utils|Common|Impl|Info|Manager|Base)\b/u;
    const allowed = /\bTopicManager\b|topicManager|\w+Database\b|TopicManager\b/u;
    expect(find(sources, empty).filter((line) => !allowed.test(line))).toEqual([]);
    expect(
      sources.filter((path) => /(^|[-/])(helpers?|utils?|common|base|impl|info|misc)(\.spec)?\.ts$/u.test(path)),
    ).toEqual([]);
  });

  it('puts no I before an interface', () => {
    expect(find(sources, /\b(interface|type)\s+I[A-Z][a-z]/u)).toEqual([]);
  });

  it('exports by name only', () => {
    expect(find(sources, /^export default\b/u)).toEqual([]);
  });

  it('leaves nothing for later and silences no tool', () => {
    const marks = new RegExp(
      ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', '@ts-' + 'ignore', '@ts-' + 'nocheck'].join('|'),
      'u',
    );
    expect(find(sources, marks, read)).toEqual([]);
  });

  it('runs every test that it has', () => {
    // The shared vectors and the token may be absent on a machine that is not CI, and then say so.
    const mayBeAbsent = ['test/vectors/shared-vectors.ts', 'libs/testkit/src/soft-token.ts'];
    const tests = sources.filter((path) => !mayBeAbsent.includes(path));
    expect(find(tests, /\b(it|test|describe)\.(only|skip|todo)\(|\b(xit|xdescribe|fit|fdescribe)\(/u)).toEqual([]);
  });

  it('does not wait by the clock in a test', () => {
    const specs = sources.filter((path) => path.endsWith('.spec.ts'));
    expect(find(specs, /await (sleep|delay)\(/u)).toEqual([]);
  });

  it('keeps clock, chance, process and console out of the core', () => {
    const world =
      /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bprocess\.|\bconsole\.|\brandomBytes\b|\bfetch\(|\bsetTimeout\(/u;
    expect(find(core, world)).toEqual([]);
  });

  it('writes to the console nowhere in the gateway', () => {
    const gateway = production.filter((path) => !/^(src\/demo|libs\/testkit)\//u.test(path));
    expect(find(gateway, /\bconsole\.\w+\(/u)).toEqual([]);
  });

  it('has only the folders that the design names', () => {
    const folders = (root: string) =>
      [...new Set(files.filter((path) => path.startsWith(`${root}/`)).map((path) => path.split('/')[1] ?? ''))].sort();
    expect(folders('libs')).toEqual(['atomic-core', 'client', 'ledger', 'ports', 'testkit']);
    const known = new Set(
      'config ingress egress identity certificates trust revocation policies payments plans accounts treasury submissions proposals verification verifications chain relay audit replication health telemetry topics broadcast erp reports devnet database cli demo openapi lookup baskets overlay gasp discovery certifier topic-events keys people rates application.ts app.module.ts main.ts'.split(
        ' ',
      ),
    );
    const strangers = folders('src').filter(
      (name) => !known.has(name) && !/^(application|app)[\w.-]*\.ts$/u.test(name),
    );
    expect(strangers).toEqual([]);
  });

  it('has only what the owner asked for at the top', () => {
    const wanted =
      /^(package(-lock)?\.json|nest-cli\.json|tsconfig\.json|src|libs|test|ops|README\.md|CHANGELOG\.md|LICENSE|\..+|.+\.config\.[cm]?[jt]s|.+\.cjs)$/u;
    const entries = [...new Set(files.map((path) => path.split('/')[0] ?? ''))];
    expect(entries.filter((entry) => !wanted.test(entry))).toEqual([]);
  });

  it('names no machine and no registry', () => {
    const texts = files.filter((path) => !/\.(png|bin|ico)$/u.test(path));
    const machine = new RegExp(
      ['/' + 'work/', '/' + 'root/', '/home/' + '\\w', 'registry\\.' + 'npmjs', '"resolved": "http'].join('|'),
      'u',
    );
    const named = find(texts, machine, read).filter((line) => !line.startsWith('test/architecture/tidy.spec.ts'));
    expect(named.filter((line) => !/\/root[)`,. ]|under \/root/u.test(line))).toEqual([]);
  });

  it('gives every topic, broadcaster and key store its page, its spec and its entry', () => {
    const folders = [
      ...new Set(files.flatMap((path) => /^src\/(?:topics|broadcast|keys)\/[^/.]+(?=\/)/u.exec(path)?.[0] ?? [])),
    ];
    for (const folder of folders) {
      const names = files.filter((path) => path.startsWith(`${folder}/`));
      expect(names).toEqual(expect.arrayContaining([`${folder}/index.ts`, `${folder}/README.md`]));
      expect(names.some((path) => path.endsWith('.spec.ts'))).toBe(true);
    }
  });
});
