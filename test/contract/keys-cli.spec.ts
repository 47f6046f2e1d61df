import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { MasterCertificate, PrivateKey } from '@bsv/sdk';
import { CommanderError } from 'commander';
import { CertificateWallet, VaultServer } from '#testkit';
import { describeError } from '../../src/cli/describe-error';
import { exitCodeOf, exitCodes } from '../../src/cli/exit-codes';
import { createProgram } from '../../src/cli/program';
import { openCertificates, post, TYPE } from './certificates-rig';
import { RawCaller } from './raw-caller';

// The command line loads its parts late, by the names that the build gives them; here they are the sources.
jest.mock<object>('../../src/cli/run-keys.js', () => jest.requireActual('../../src/cli/run-keys'), { virtual: true });
jest.mock<object>('../../src/cli/run-keys-certify.js', () => jest.requireActual('../../src/cli/run-keys-certify'), {
  virtual: true,
});

const PASSPHRASE = 'correct horse battery staple';
const ROOT = '5a'.repeat(32);
const identityKey = PrivateKey.fromHex(ROOT).toPublicKey().toString();

jest.setTimeout(120_000);

let folder: string;
/** Quick, where the file asks for its half second each time. */
let vault: VaultServer;
let keyStore: string;
let fileStore: string;
beforeEach(async () => {
  vault = await VaultServer.start();
  keyStore = JSON.stringify({ kind: 'vault', url: vault.url });
  folder = mkdtempSync(join(tmpdir(), 'portcullis-keys-cli-'));
  writeFileSync(join(folder, 'passphrase'), PASSPHRASE, { mode: 0o400 });
  fileStore = JSON.stringify({ kind: 'file', path: join(folder, 'keys.json'), secretFile: join(folder, 'passphrase') });
});
afterEach(async () => {
  await vault.stop();
  rmSync(folder, { recursive: true });
});

/** One command line of the binary, with what it prints and how it ends. */
const run = async (command: string, input = '', over: Record<string, string> = {}) => {
  const settings = {
    PORTCULLIS_DATA_DIR: folder,
    PORTCULLIS_KEY_STORE: keyStore,
    PORTCULLIS_KEY_STORE_SECRET: 'root-token',
    ...over,
  };
  Object.assign(process.env, settings);
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin');
  Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(input)]), configurable: true });
  let [stdout, stderr] = ['', ''];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((stdout += String(text))));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
  try {
    const status = await createProgram()
      .parseAsync(['node', 'portcullis', 'keys', ...command.split(' ')])
      .then(
        () => exitCodes.done,
        (error: unknown) => {
          if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
          const code = exitCodeOf(error);
          stderr += `portcullis: ${describeError(error, code)}\n`;
          return code;
        },
      );
    for (const secret of [PASSPHRASE, ROOT]) expect(stdout + stderr).not.toContain(secret);
    return { status, stdout, stderr };
  } finally {
    jest.restoreAllMocks();
    if (stdin !== undefined) Object.defineProperty(process, 'stdin', stdin);
    for (const name of Object.keys(settings)) Reflect.deleteProperty(process.env, name);
  }
};
interface Shown {
  readonly keys: readonly { readonly identityKey: string; readonly from: string; readonly until: string | null }[];
}
const shown = (text: string): Shown['keys'] => (JSON.parse(text) as Shown).keys;

it('stores a key, shows it, adds another that takes over, and keeps the first to its end', async () => {
  expect(await run('show --json')).toMatchObject({ status: 0, stdout: expect.stringContaining('"keys":[]') });
  expect(await run('import', 'no key')).toMatchObject({ status: 2, stdout: '' });
  expect(shown((await run('import --json', `${ROOT}\n`)).stdout)).toEqual([
    { identityKey, from: expect.any(String), until: null },
  ]);
  for (const again of [await run('create'), await run('import', '11'.repeat(32))]) expect(again.status).toBe(3);
  const [old, next] = shown((await run('rotate --json --starts-in 1h --overlap 2d')).stdout);
  expect(old?.identityKey).toBe(identityKey);
  expect(Date.parse(next?.from ?? '') - Date.now()).toBeGreaterThan(3_500_000);
  expect(Date.parse(old?.until ?? '') - Date.parse(next?.from ?? '')).toBe(172_800_000);
  expect(await run('rotate')).toMatchObject({ status: 2, stderr: expect.stringMatching(/planned already/u) });
  expect(shown((await run('show --json')).stdout)).toEqual([old, next]);
});

it('says in one sentence and by its exit code why not, and has help', async () => {
  await run('create', '', { PORTCULLIS_KEY_STORE: fileStore });
  const line = (stderr: string): number => stderr.trim().split('\n').length;
  writeFileSync(join(folder, 'wrong'), 'another passphrase', { mode: 0o400 });
  const wrong = fileStore.replace('passphrase"', 'wrong"');
  const refused = await run('show', '', { PORTCULLIS_KEY_STORE: wrong });
  expect([refused.status, line(refused.stderr), refused.stderr]).toEqual([
    2,
    1,
    expect.stringMatching(/does not open/u),
  ]);
  const away = JSON.stringify({ kind: 'vault', url: 'http://127.0.0.1:1' });
  const gone = await run('show', '', { PORTCULLIS_KEY_STORE: away, PORTCULLIS_KEY_STORE_SECRET: 'token' });
  expect([gone.status, line(gone.stderr)]).toEqual([5, 1]);
  const environment = { PORTCULLIS_KEY_STORE: '', PORTCULLIS_IDENTITY_KEY: ROOT };
  expect(await run('rotate', '', environment)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/cannot be written/u),
  });
  expect((await run('rotate --overlap soon')).status).toBe(2);
  for (const command of ['--help', 'rotate --help']) expect(await run(command)).toMatchObject({ status: 0 });
});

it('gives a relay what it needs, from which nobody makes a key', async () => {
  await run('import', ROOT);
  const { stdout } = await run('relay');
  const relay = {
    PORTCULLIS_KEY_STORE: '{"kind":"relay"}',
    PORTCULLIS_KEY_STORE_SECRET: stdout,
    PORTCULLIS_ROLE: 'relay',
  };
  expect(JSON.parse(stdout)).toMatchObject([{ identityKey, callbackToken: expect.any(String) }]);
  expect(await run('show', '', relay)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/holds no root key/u),
  });
  expect((await run('show', '', { ...relay, PORTCULLIS_ROLE: 'all' })).stderr).toMatch(/signs with the root key/u);
});

it('certifies with the native key what the SDK and a gateway take for certified', async () => {
  await run('import', ROOT);
  const wallet = new CertificateWallet();
  const fields = { name: 'Ann Ode', role: 'buyer' };
  const issued = await run('certify', JSON.stringify({ subject: wallet.identityKey, type: TYPE, fields }));
  expect(issued).toMatchObject({ status: 0, stderr: '' });
  const made = JSON.parse(issued.stdout) as MasterCertificate;
  const held = new MasterCertificate(
    made.type,
    made.serialNumber,
    made.subject,
    made.certifier,
    made.revocationOutpoint,
    made.fields,
    made.masterKeyring,
    made.signature,
  );
  expect(made.certifier).toBe(identityKey);
  expect(await held.verify()).toBe(true);
  const certificates = [{ certifier: identityKey, type: TYPE, fields: ['name', 'role'], revocable: false }];
  const gateway = await openCertificates({ settings: { certificates } });
  try {
    const caller = await RawCaller.open(gateway.origin, wallet);
    expect(await post(caller, await wallet.show(held, caller.gatewayKey, ['name', 'role']))).toMatchObject({
      status: 201,
    });
  } finally {
    await gateway.stop();
  }
  for (const wrong of ['', '{}', JSON.stringify({ subject: '02', type: TYPE, fields })])
    expect(await run('certify', wrong)).toMatchObject({ status: 2, stdout: '' });
});
