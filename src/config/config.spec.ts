import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { attachDevnet, readConfig } from './config';
import { ConfigError } from './config-error';
import { describeSettings, redactConfig } from './describe-config';
import { Secret } from './secret';

const KEY = '11'.repeat(32);

describe('the configuration', () => {
  let folder: string;
  const read = (variables: Record<string, string> = {}) => readConfig({ PORTCULLIS_DATA_DIR: folder, ...variables });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-config-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(['0'.repeat(64), 'f'.repeat(64)])('refuses %s, which is no private key', (identityKey) => {
    expect(() => read({ PORTCULLIS_IDENTITY_KEY: identityKey })).toThrow('PORTCULLIS_IDENTITY_KEY is not valid');
  });

  it('says in one sentence that the data folder cannot be written', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => read({ PORTCULLIS_DATA_DIR: file })).toThrow('The identity key cannot be written to');
  });

  it('has a default for everything', () => {
    expect(read()).toMatchObject({
      profile: 'development',
      role: 'all',
      port: 8080,
      metricsPort: 9464,
      network: 'devnet',
    });
  });

  it('refuses an unknown variable with the prefix, in one sentence', () => {
    expect(() => read({ PORTCULLIS_PROT: '1' })).toThrow(
      'PORTCULLIS_PROT is not a setting of Portcullis; `portcullis config` lists them all.',
    );
  });

  it.each([
    ['PORTCULLIS_PORT', '99999'],
    ['PORTCULLIS_PORT', 'http'],
    ['PORTCULLIS_ROLE', 'boss'],
    ['PORTCULLIS_DATABASE_URL', 'mysql://somewhere'],
    ['PORTCULLIS_PRICES', '[{"method":"POST"}]'],
    ['PORTCULLIS_PRICES', 'cheap'],
    ['PORTCULLIS_ORGANISATIONS', '{"Acme Ltd":["02"]}'],
    ['PORTCULLIS_CHECKPOINT', 'latest'],
  ])('refuses %s=%s and names the variable', (variable, value) => {
    expect(() => read({ [variable]: value })).toThrow(new RegExp(`^${variable} .*is not valid: .*\\.$`, 'u'));
  });

  it('never repeats a refused value, which may be a secret', () => {
    expect(() => read({ PORTCULLIS_IDENTITY_KEY: 'hunter2' })).not.toThrow(/hunter2/u);
    expect(() => read({ PORTCULLIS_IDENTITY_KEY: 'hunter2' })).toThrow(/PORTCULLIS_IDENTITY_KEY/u);
  });

  it('lists one identity in one organisation only', () => {
    const listed = `02${'ab'.repeat(32)}`;
    const organisations = JSON.stringify({ acme: [listed], globex: [listed.toUpperCase()] });
    expect(() => read({ PORTCULLIS_ORGANISATIONS: organisations })).toThrow(/twice/u);
  });

  it('reads a file under the environment', () => {
    const file = join(folder, 'portcullis.json');
    writeFileSync(file, JSON.stringify({ port: 1234, logLevel: 'warn', prices: [] }));
    expect(read({ PORTCULLIS_CONFIG_FILE: file, PORTCULLIS_PORT: '4321' })).toMatchObject({
      port: 4321,
      logLevel: 'warn',
      prices: [],
    });
    writeFileSync(file, JSON.stringify({ colour: 'red' }));
    expect(() => read({ PORTCULLIS_CONFIG_FILE: file })).toThrow('"colour" in the configuration file');
  });

  it('generates an identity key once, readable by its owner alone', () => {
    const first = read().identityKey.reveal();
    expect(read().identityKey.reveal()).toBe(first);
    const path = join(folder, 'keys', 'identity.key');
    expect(readFileSync(path, 'utf8').trim()).toBe(first);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([0o640, 0o604, 0o660, 0o644])('refuses a key file that others may open (mode %o)', (mode) => {
    read();
    const path = join(folder, 'keys', 'identity.key');
    chmodSync(path, mode);
    const sentence = `The identity key in ${path} is open to others than its owner; make a new one, or set its mode to 0600.`;
    expect(() => read()).toThrow(new ConfigError(sentence));
    // With another key in the environment as well: the one in the file is, or was, the gateway's.
    expect(() => read({ PORTCULLIS_IDENTITY_KEY: KEY })).toThrow(sentence);
    chmodSync(path, 0o400);
    expect(() => read()).not.toThrow();
  });

  it('refuses production on the development network, and production without a key', () => {
    expect(() => read({ PORTCULLIS_PROFILE: 'production', PORTCULLIS_IDENTITY_KEY: KEY })).toThrow(
      /development network/u,
    );
    expect(() => read({ PORTCULLIS_PROFILE: 'production', PORTCULLIS_NETWORK: 'mainnet' })).toThrow(/IDENTITY_KEY/u);
    const config = read({
      PORTCULLIS_PROFILE: 'production',
      PORTCULLIS_NETWORK: 'mainnet',
      PORTCULLIS_IDENTITY_KEY: KEY,
    });
    expect(config.prices).toEqual([]);
  });

  it('demands native signatures in production, and elsewhere when it is told to', () => {
    const production = {
      PORTCULLIS_PROFILE: 'production',
      PORTCULLIS_NETWORK: 'mainnet',
      PORTCULLIS_IDENTITY_KEY: KEY,
    };
    expect(read(production).cryptoRequired).toBe('native');
    expect(read({ ...production, PORTCULLIS_CRYPTO_REQUIRED: 'any' }).cryptoRequired).toBe('any');
    expect(read().cryptoRequired).toBe('any');
    expect(read({ PORTCULLIS_CRYPTO_REQUIRED: 'native' }).cryptoRequired).toBe('native');
    expect(() => read({ PORTCULLIS_CRYPTO_REQUIRED: 'wasm' })).toThrow(/^PORTCULLIS_CRYPTO_REQUIRED is not valid/u);
  });

  it('points the broadcaster and the headers at the development network unless told otherwise', () => {
    const url = 'http://127.0.0.1:8090';
    expect(attachDevnet(read(), url)).toMatchObject({
      arcUrl: `${url}/arc`,
      headerSources: [{ kind: 'devnet', url }],
    });
    expect(read({ PORTCULLIS_DEVNET_URL: `${url}/`, PORTCULLIS_ARC_URL: 'https://arc.example' })).toMatchObject({
      devnetUrl: url,
      arcUrl: 'https://arc.example',
    });
  });

  it('prints no secret, however it is printed', () => {
    const secret = new Secret('hunter2');
    expect(`${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret }, { depth: 9 })}`).not.toContain(
      'hunter2',
    );
    const printed = JSON.stringify(
      redactConfig(
        read({
          PORTCULLIS_IDENTITY_KEY: KEY,
          PORTCULLIS_DATABASE_URL: 'postgres://me:hunter2@db/portcullis',
          PORTCULLIS_ARC_URL: 'https://me:hunter2@arc.example',
        }),
      ),
    );
    expect(printed).not.toContain('hunter2');
    expect(printed).not.toContain(KEY);
  });

  it('describes every setting in one row', () => {
    const rows = describeSettings().split('\n');
    expect(rows).toContain('| `PORTCULLIS_PORT` | `8080` | Port of the API; 0 takes a free one |');
    expect(rows.filter((row) => row.includes('undefined'))).toEqual([]);
  });
});
