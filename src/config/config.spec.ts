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

  it('takes a member as a bare key, without a role, or with the roles that there are', () => {
    const [bare, member] = [`02${'ab'.repeat(32)}`, `03${'cd'.repeat(32)}`];
    const given = (roles: unknown) => JSON.stringify({ acme: [bare.toUpperCase(), { identityKey: member, roles }] });
    expect(read({ PORTCULLIS_ORGANISATIONS: given(['owner', 'auditor']) }).organisations).toEqual({
      acme: [
        { identityKey: bare, roles: [] },
        { identityKey: member, roles: ['owner', 'auditor'] },
      ],
    });
    for (const roles of [['boss'], ['owner', 'owner'], undefined])
      expect(() => read({ PORTCULLIS_ORGANISATIONS: given(roles) })).toThrow(/^PORTCULLIS_ORGANISATIONS .*not valid/u);
  });

  it('calls one certificate by one name', () => {
    const rule = { certifier: `02${'ab'.repeat(32)}`, fields: [], name: 'employee', revocable: false };
    const typed = (byte: number) => ({ ...rule, type: Buffer.alloc(32, byte).toString('base64') });
    const given = JSON.stringify([typed(1), typed(2)]);
    expect(() => read({ PORTCULLIS_CERTIFICATES: given })).toThrow(/must not use a name twice/u);
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
    // The parser of JSON quotes what is around the mistake.
    writeFileSync(file, '{"keyStoreSecret": hunter2}');
    expect(() => read({ PORTCULLIS_CONFIG_FILE: file })).toThrow(/^The configuration file \S+ is not JSON\.$/u);
  });

  it('generates an identity key once, readable by its owner alone', () => {
    const first = read().identityKey?.reveal();
    expect(read().identityKey?.reveal()).toBe(first);
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

  it('refuses to advertise without a wallet or a place, and a place that nobody can reach, in one sentence', () => {
    const advertise = {
      PORTCULLIS_OVERLAY_DISCOVERY: 'advertise',
      PORTCULLIS_PUBLIC_URL: 'https://gateway.example.com/',
      PORTCULLIS_OVERLAY_WALLET_URL: 'http://127.0.0.1:3321',
    };
    expect(read(advertise)).toMatchObject({ overlayDiscovery: 'advertise', publicUrl: 'https://gateway.example.com' });
    for (const missing of ['PORTCULLIS_PUBLIC_URL', 'PORTCULLIS_OVERLAY_WALLET_URL'] as const) {
      const { [missing]: _missing, ...rest } = advertise;
      expect(() => read(rest)).toThrow(/^Advertising needs [^.]+\.$/u);
    }
    const places = ['http://gateway.example.com', 'https://localhost', 'https://a.localhost:8443', 'https://127.0.0.1'];
    for (const place of [
      ...places,
      'https://[::1]',
      'https://gateway.example.com/portcullis',
      'https://me@example.com',
    ])
      expect(() => read({ ...advertise, PORTCULLIS_PUBLIC_URL: place })).toThrow(/^Only a bare https address/u);
    for (const place of ['https://gateway.example.com:8443', 'https://Gateway.example.com:443'])
      expect(() => read({ ...advertise, PORTCULLIS_PUBLIC_URL: place })).not.toThrow();
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
      revocationSources: [{ kind: 'devnet', url }],
    });
    expect(read({ PORTCULLIS_DEVNET_URL: `${url}/`, PORTCULLIS_ARC_URL: 'https://arc.example' })).toMatchObject({
      devnetUrl: url,
      arcUrl: 'https://arc.example',
    });
  });

  it('asks for certificates in one way only, and not where nobody knows whether they are revoked', () => {
    const certifier = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
    const other = '02a1633cafcc01ebfb6d78e39f687a1f0995c62fc95f51ead10a02ee0be551b5dc';
    const type = Buffer.alloc(32, 7).toString('base64');
    const ask = (...rules: readonly object[]) =>
      read({
        PORTCULLIS_CERTIFICATES: JSON.stringify(rules.map((rule) => ({ certifier, type, fields: ['a'], ...rule }))),
      });
    expect(ask({}, { certifier: other }).certificates).toEqual([
      { certifier, type, fields: ['a'], revocable: true },
      { certifier: other, type, fields: ['a'], revocable: true },
    ]);
    for (const wrong of [
      [{}, {}],
      [{}, { certifier: other, fields: ['b'] }],
      [{ certifier: `02${'ff'.repeat(32)}` }],
      [{ type: 'AAAA' }],
      [{ fields: ['__proto__'] }],
      [{ fields: ['a', 'a'] }],
      [{ fields: ['a'.repeat(50)] }],
      [{ price: 7 }],
    ])
      expect(() => ask(...wrong)).toThrow(/^PORTCULLIS_CERTIFICATES/u);
    const rules = (revocable: boolean) => JSON.stringify([{ certifier, type, fields: [], revocable }]);
    const network = { PORTCULLIS_NETWORK: 'mainnet', PORTCULLIS_IDENTITY_KEY: KEY };
    expect(() => read({ ...network, PORTCULLIS_CERTIFICATES: rules(true) })).toThrow(/PORTCULLIS_REVOCATION_SOURCES/u);
    expect(() => read({ ...network, PORTCULLIS_CERTIFICATES: rules(false) })).not.toThrow();
    const sources = JSON.stringify([{ kind: 'whatsonchain', url: 'https://woc.example/v1/bsv/main' }]);
    const asked = { PORTCULLIS_CERTIFICATES: rules(true), PORTCULLIS_REVOCATION_SOURCES: sources };
    expect(() => read({ ...network, ...asked })).not.toThrow();
  });

  it('takes plans whose tiers fall, whose meters can be read, and that give nothing without end to whoever makes keys', () => {
    const plan = (price: object, over: object = {}) => {
      const routes = [{ method: 'POST', path: '/v1/lookup', price }];
      return { PORTCULLIS_PLANS: JSON.stringify({ one: { customers: ['*'], routes, ...over } }) };
    };
    const tiers = (...prices: number[]) => ({
      period: 'day',
      tiers: prices.map((satoshis, at) => ({ ...(at < prices.length - 1 && { upTo: at + 1 }), satoshis })),
    });
    expect(read(plan(tiers(3, 3, 1))).plans).toMatchObject({ one: { customers: ['*'] } });
    expect(() => read(plan(tiers(1, 3)))).toThrow(/dearer/u);
    expect(() => read(plan(tiers(1, 0)))).toThrow(/PORTCULLIS_PLANS/u);
    expect(() => read(plan({ meter: { base: 1, perOutput: 1, ceiling: 9 } }))).toThrow(/only submissions are metered/u);
    expect(read(plan({ meter: { base: 1, perKilobyte: 1, ceiling: 9 } })).plans).toHaveProperty('one');
    const allowance = { requests: 1, period: 'day', per: 'organisation' };
    expect(() => read(plan({ flat: 1 }, { allowance }))).toThrow(/customers with a name/u);
    expect(() => read(plan({ flat: 1 }, { creditLimit: 1 }))).toThrow(/customers with a name/u);
    expect(read(plan({ flat: 1 }, { allowance: { ...allowance, per: 'address' } })).plans).toHaveProperty('one');
  });

  it('certifies only for an organisation that has members, with a wallet that can revoke', () => {
    const member = '02a1633cafcc01ebfb6d78e39f687a1f0995c62fc95f51ead10a02ee0be551b5dc';
    const type = { type: Buffer.alloc(32, 7).toString('base64'), fields: ['name'], askers: ['*', 'acme', member] };
    const certifier = (over: object = {}) => JSON.stringify({ organisation: 'acme', types: [{ ...type, ...over }] });
    const whole = {
      PORTCULLIS_ORGANISATIONS: JSON.stringify({ acme: [member] }),
      PORTCULLIS_OVERLAY_WALLET_URL: 'http://127.0.0.1:3321',
      PORTCULLIS_CERTIFIER: certifier(),
    };
    expect(read(whole).certifier?.types).toEqual([{ ...type, approval: 'manual', liveMax: 4 }]);
    const { PORTCULLIS_ORGANISATIONS: _members, ...nobody } = whole;
    expect(() => read(nobody)).toThrow(/PORTCULLIS_ORGANISATIONS/u);
    const { PORTCULLIS_OVERLAY_WALLET_URL: _wallet, ...poor } = whole;
    expect(() => read(poor)).toThrow(/PORTCULLIS_OVERLAY_WALLET_URL/u);
    for (const wrong of [{ askers: [] }, { askers: ['ACME'] }, { fields: [] }, { type: 'AAAA' }, { approval: 'maybe' }])
      expect(() => read({ ...whole, PORTCULLIS_CERTIFIER: certifier(wrong) })).toThrow(/^PORTCULLIS_CERTIFIER/u);
  });

  it('takes how many have to agree for all organisations or for each, and an operator that is one of them', () => {
    const listed = `02${'ab'.repeat(32)}`;
    const organisations = { PORTCULLIS_ORGANISATIONS: JSON.stringify({ acme: [listed] }) };
    expect(read().trustApprovals).toBe(1);
    expect(read({ PORTCULLIS_TRUST_APPROVALS: '2' }).trustApprovals).toBe(2);
    const two = { PORTCULLIS_TRUST_APPROVALS: '{"acme": 2}' };
    expect(read({ ...organisations, ...two }).trustApprovals).toEqual({ acme: 2 });
    expect(() => read(two)).toThrow(/^PORTCULLIS_TRUST_APPROVALS names an organisation/u);
    for (const wrong of ['0', '17', 'two', '{"Acme": 2}', '{"acme": 0}'])
      expect(() => read({ PORTCULLIS_TRUST_APPROVALS: wrong })).toThrow(/^PORTCULLIS_TRUST_APPROVALS/u);
    expect(read({ ...organisations, PORTCULLIS_OPERATOR: 'acme' }).operator).toBe('acme');
    expect(() => read({ ...organisations, PORTCULLIS_OPERATOR: 'acne' })).toThrow(/^The operator is none/u);
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
