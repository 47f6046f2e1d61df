import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CryptoBackend } from './crypto-backend';
import { openMetalBackend } from './metal-backend';
import { chooseCrypto, openCrypto } from './open-crypto';
import { openSdkBackend } from './sdk-backend';

const top = join(__dirname, '..', '..', '..', '..');
const build = (compiler: string): { status: number | null; said: string } => {
  const { status, stderr } = spawnSync(process.execPath, [join(top, 'ops', 'native', 'build-metal.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, CC: compiler },
  });
  return { status, said: stderr };
};

const compiler = process.env['CC'] ?? 'cc';
const canBuild =
  process.platform === 'linux' &&
  ['x64', 'arm64'].includes(process.arch) &&
  spawnSync(compiler, ['--version']).status === 0;

const folder = mkdtempSync(join(tmpdir(), 'portcullis-metal-spec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const compile = (name: string, source: string): string => {
  const out = join(folder, `${name}.node`);
  const path = file(`${name}.c`, source);
  const { status, stderr } = spawnSync(compiler, ['-shared', '-fPIC', '-Wl,-z,now', path, '-o', out], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return out;
};

const chosen = (path: string): { kind: string; reason: string } => {
  const none = (): CryptoBackend => {
    throw new Error('not asked');
  };
  const { backend, faults } = chooseCrypto({
    metal: () => openMetalBackend(path),
    native: none,
    wasm: none,
    sdk: openSdkBackend,
  });
  return { kind: backend.kind, reason: faults[0]?.reason ?? '' };
};

describe('the native addon', () => {
  if (canBuild) {
    it('is built from its sources and opens', () => {
      expect(build(compiler)).toEqual({ status: 0, said: expect.stringMatching(/metal: (built on|up to date)/u) });
      expect(openCrypto('metal').label).toBe('metal (libsecp256k1 0.8.0)');
    }, 120_000);

    it('refuses arguments that are not what they should be, as it cannot rely on a compiler of TypeScript', () => {
      const path = '#metal';
      const addon = require(path) as Record<string, (...given: unknown[]) => unknown>;
      const octets = new Uint8Array(64);
      const spans = new Uint32Array([0, 1, 0, 1, 0, 1]);
      const junk = [
        undefined,
        null,
        1,
        -1,
        1.5,
        '1',
        {},
        [],
        octets,
        spans,
        octets.buffer,
        new DataView(octets.buffer),
      ];
      const wholes: [string, unknown[]][] = [
        ['sha256dSpans', [octets, spans, 1, octets]],
        ['hash160Spans', [octets, spans, 1, octets]],
        ['hashPairs', [octets, spans, 1]],
        ['verifyBatch', [1, octets, octets, octets, spans, octets]],
      ];
      for (const [name, whole] of wholes) {
        expect(() => addon[name]!(...whole)).not.toThrow();
        expect(() => addon[name]!(...whole.slice(1))).toThrow(/^crypto: /u);
        whole.forEach((good, at) => {
          const wrong = junk.filter(
            (each) => Object.prototype.toString.call(each) !== Object.prototype.toString.call(good),
          );
          for (const each of wrong)
            expect(() => addon[name]!(...whole.with(at, each))).toThrow(/^crypto: .* are wanted$/u);
        });
      }
    });

    it('reads shared memory, and nothing of an array that was handed over', () => {
      const shared = new Uint8Array(new SharedArrayBuffer(64));
      const digest = new Uint8Array(32);
      const gone = new Uint8Array(64);
      structuredClone(gone.buffer, { transfer: [gone.buffer] });
      const metal = openCrypto('metal');
      expect(() => metal.sha256dSpans(shared, new Uint32Array([0, 64]), 1, digest)).not.toThrow();
      expect(() => metal.sha256dSpans(gone, new Uint32Array([0, 64]), 1, digest)).toThrow('a span out of range');
      expect(() => metal.sha256dSpans(gone, new Uint32Array([0, 0]), 1, digest)).not.toThrow();
    });

    it('is passed over when Node.js lacks a symbol that it wants', () => {
      const path = compile('symbol', 'int of_nobody(void); int napi_register_module_v1(void) { return of_nobody(); }');
      expect(chosen(path)).toEqual({ kind: 'sdk', reason: expect.stringContaining('of_nobody') });
    });

    it('is passed over when the file is an addon of nothing', () => {
      expect(chosen(compile('nothing', 'int portcullis_nothing;')).kind).toBe('sdk');
    });
  } else {
    it('is not tested: there is no C compiler here', () => {
      process.stderr.write(
        'NOT TESTED: the native addon: no C compiler, or another platform than Linux on x64 or arm64\n',
      );
      // CI installs one; there its absence is a failure.
      expect(process.env['CI']).not.toBe('true');
    });
  }

  it('is not taken for built when the file was cut short or replaced: to map it could end the process', () => {
    const script = pathToFileURL(join(top, 'ops', 'native', 'build-metal.mjs')).href;
    const isBuilt = (path: string, stamp: string): string =>
      spawnSync(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `import { isBuilt } from '${script}'; process.stdout.write(String(isBuilt(...process.argv.slice(1))))`,
          ...[path, stamp, 'inputs'],
        ],
        { encoding: 'utf8' },
      ).stdout;
    const whole = file('whole.node', 'an addon');
    const stamp = file('stamp', `inputs ${hash('sha256', 'an addon')}`);
    expect(isBuilt(whole, stamp)).toBe('true');
    expect(isBuilt(file('short.node', 'an add'), stamp)).toBe('false');
    expect(isBuilt(whole, file('other-stamp', `others ${hash('sha256', 'an addon')}`))).toBe('false');
    expect(isBuilt(join(folder, 'absent.node'), stamp)).toBe('false');
  });

  it('says so and fails when there is no compiler', () => {
    const { status, said } = build('no-such-compiler');
    expect(status).toBe(1);
    expect(said).toMatch(/metal: not built: (there is no C compiler \(no-such-compiler\)|it is not built on )/u);
  });

  it.each([
    ['is not there', () => join(folder, 'absent.node')],
    ['is empty', () => file('empty.node', '')],
    ['is text', () => file('text.node', 'not an addon\n')],
    ['is half a header', () => file('half.node', Buffer.from('7f454c4602010100', 'hex'))],
  ])('is passed over when the file %s', (_title, path) => {
    const { kind, reason } = chosen(path());
    expect(kind).toBe('sdk');
    expect(reason).not.toBe('');
  });

  it('is passed over when it computes something else', () => {
    const broken = file(
      'liar.js',
      `module.exports = { library: 'a liar', sha256dSpans() {}, hash160Spans() {}, hashPairs() {},
       verifyBatch(count, digests, signatures, keys, spans, verdicts) { verdicts.fill(1); } };`,
    );
    expect(chosen(broken)).toEqual({ kind: 'sdk', reason: 'metal (a liar) judges known signatures wrongly' });
  });
});
