import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyStore, RootKey } from '#ports';
import { createFileKeyStore } from '.';
import { openSecret } from '../read-secret';

const PASSPHRASE = 'correct horse battery staple';
const { signal } = new AbortController();
const keys = (): RootKey[] => [
  { root: Uint8Array.from(Buffer.alloc(32, 0x5a)), fromMs: 5, untilMs: 1_000 },
  { root: Uint8Array.from(Buffer.alloc(32, 0x5b)), fromMs: 500, untilMs: undefined },
];

jest.setTimeout(60_000);

let folder: string;
let path: string;
const open = (passphrase = PASSPHRASE): KeyStore =>
  createFileKeyStore({ path }, () => Promise.resolve(Buffer.from(passphrase)));
const read = (): Record<string, unknown> => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
const write = (content: unknown): void =>
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
const refusal = async (store = open()): Promise<string> =>
  store.loadKeys(signal).then(
    () => 'opened',
    (error: unknown) => {
      const { name, message } = error as Error;
      expect(name).toBe('KeyStoreError');
      // Whatever it was: neither passphrase nor key are in what is printed.
      expect(message).not.toMatch(/horse|5a5a|wrong/u);
      return message;
    },
  );

/** Sealed once: scrypt is slow on purpose. */
let pristine: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-keys-'));
  path = join(folder, 'inner', 'keys.json');
  await open().loadKeys(signal);
  const store = open();
  await store.replaceKeys?.(keys(), signal);
  pristine = readFileSync(path, 'utf8');
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  rmSync(path, { force: true, recursive: true });
  writeFileSync(path, pristine, { mode: 0o600 });
});

describe('keys in a file', () => {
  it('come back as they were stored, from a file and a folder for their owner alone', async () => {
    expect(await open().loadKeys(signal)).toEqual(keys());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'inner')).mode & 0o777).toBe(0o700);
    expect(pristine).not.toMatch(/5a5a5a/u);
    expect(pristine).not.toContain(Buffer.alloc(24, 0x5a).toString('base64'));
  });

  it('are none where there is no file', async () => {
    rmSync(path);
    expect(await open().loadKeys(signal)).toEqual([]);
  });

  it('do not open with another passphrase, nor with a file that was changed in any octet of it', async () => {
    expect(await refusal(open('a wrong passphrase'))).toMatch(/does not open/u);
    const { sealed } = read();
    const octets = Buffer.from(sealed as string, 'base64');
    for (const at of [0, 11, 12, octets.length - 17, octets.length - 1]) {
      const changed = Buffer.from(octets);
      changed[at]! ^= 1;
      write({ ...read(), sealed: changed.toString('base64') });
      expect(await refusal()).toMatch(/does not open/u);
    }
    write({ ...JSON.parse(pristine), salt: Buffer.alloc(32).toString('base64') });
    expect(await refusal()).toMatch(/does not open/u);
    write({ ...JSON.parse(pristine), scryptCostLog2: 16 });
    expect(await refusal()).toMatch(/does not open/u);
  });

  it.each<[string, unknown]>([
    ['cut short', () => pristine.slice(0, -40)],
    ['empty', () => ''],
    ['no JSON', () => '\0'.repeat(100)],
    ['of another format', () => ({ ...JSON.parse(pristine), format: 'portcullis keys v2' })],
    ['with more than it should have', () => ({ ...JSON.parse(pristine), more: 1 })],
    ['sealed with nothing', () => ({ ...JSON.parse(pristine), sealed: '' })],
    ['without end', () => 'x'.repeat(1_000_000)],
    ['a list', () => []],
  ])('are refused when the file is %s', async (_what, make) => {
    write((make as () => unknown)());
    expect(await refusal()).toMatch(/was damaged|larger than/u);
  });

  it.each([40, 30, 19, 14, 0, -1, 17.5, '17', 1e308])('asks for no memory by a file that says 2^%s', async (cost) => {
    write({ ...JSON.parse(pristine), scryptCostLog2: cost });
    const before = process.memoryUsage().rss;
    expect(await refusal()).toMatch(/was damaged/u);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1_048_576);
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o602])('are refused when others may open the file (mode %o)', async (mode) => {
    chmodSync(path, mode);
    expect(await refusal()).toMatch(/open to others/u);
  });

  it('are not read through a symbolic link, nor from a folder or a pipe', async () => {
    const elsewhere = join(folder, 'elsewhere');
    renameSync(path, elsewhere);
    symlinkSync(elsewhere, path);
    expect(await refusal()).toMatch(/symbolic link/u);
    rmSync(path);
    execFileSync('mkfifo', ['-m', '600', path]);
    expect(await refusal()).toMatch(/no file/u);
    rmSync(path);
    path = join(folder, 'inner');
    expect(await refusal()).toMatch(/no file/u);
    path = join(folder, 'inner', 'keys.json');
  });

  it('are replaced as a whole, and not where somebody else changed them since', async () => {
    const [first, second] = [open(), open()];
    await first.loadKeys(signal);
    await second.loadKeys(signal);
    await first.replaceKeys?.(keys().slice(1), signal);
    await expect(second.replaceKeys?.(keys(), signal)).rejects.toThrow(/changed by somebody else/u);
    expect(await open().loadKeys(signal)).toEqual(keys().slice(1));
    expect(existsSync(`${path}.next`)).toBe(false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('are replaced by one of two that do it at once', async () => {
    const stores = [open(), open()];
    for (const store of stores) await store.loadKeys(signal);
    const outcomes = await Promise.allSettled(
      stores.map(async (store) => store.replaceKeys?.(keys().slice(1), signal)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await open().loadKeys(signal)).toEqual(keys().slice(1));
  });

  it('stay what they were where one was cut off while it wrote, and say what to do', async () => {
    writeFileSync(`${path}.next`, 'half');
    const store = open();
    await store.loadKeys(signal);
    await expect(store.replaceKeys?.(keys(), signal)).rejects.toThrow(/remove it and try again/u);
    expect(readFileSync(path, 'utf8')).toBe(pristine);
    rmSync(`${path}.next`);
  });

  it('take no passphrase that can be guessed in an afternoon', async () => {
    rmSync(path);
    const store = open('short');
    await store.loadKeys(signal);
    await expect(store.replaceKeys?.(keys(), signal)).rejects.toThrow(/at least 12/u);
    expect(existsSync(path)).toBe(false);
  });
});

describe('the secret of a store', () => {
  it('is read from a file that may be a link, without the line end, and not from one that everybody may read', async () => {
    const file = join(folder, 'secret');
    writeFileSync(file, `${PASSPHRASE}\n`, { mode: 0o440 });
    symlinkSync(file, `${file}-link`);
    expect((await openSecret(`${file}-link`, undefined)()).toString()).toBe(PASSPHRASE);
    chmodSync(file, 0o444);
    await expect(openSecret(file, undefined)()).rejects.toThrow(/open to others/u);
    await expect(openSecret(`${file}-none`, undefined)()).rejects.toThrow(/is not there/u);
    await expect(openSecret(undefined, undefined)()).rejects.toThrow(/PORTCULLIS_KEY_STORE_SECRET/u);
  });
});
