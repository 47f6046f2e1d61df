import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CryptoBackend, CryptoKind } from './crypto-backend';
import {
  chooseCrypto,
  CRYPTO_KINDS,
  listCryptoFaults,
  liveCrypto,
  openCrypto,
  type CryptoOpeners,
} from './open-crypto';
import { openSdkBackend } from './sdk-backend';

const missing = (kind: CryptoKind) => (): CryptoBackend => {
  throw new Error(`${kind} is not here\nRequire stack: …`);
};
const nothing: CryptoOpeners = {
  metal: missing('metal'),
  native: missing('native'),
  wasm: missing('wasm'),
  sdk: missing('sdk'),
};
const sdk = openSdkBackend();

describe('choosing a crypto backend', () => {
  it.each(['native', 'wasm', 'sdk'] as const)('opens %s by its name', (kind) => {
    expect(openCrypto(kind).kind).toBe(kind);
  });

  it('names the library and the version that are installed', () => {
    const top = join(__dirname, '..', '..', '..', '..');
    const { dependencies } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const named = (name: string): string => `${name} ${dependencies[name] ?? 'absent'} `;
    expect(openCrypto('native').label).toContain(named('secp256k1'));
    expect(openCrypto('wasm').label).toContain(named('tiny-secp256k1'));
    expect(openCrypto('sdk').label).toContain(named('@bsv/sdk'));
  });

  it('takes the first that works and keeps the reasons of those before it', () => {
    const { backend, faults } = chooseCrypto({ ...nothing, sdk: openSdkBackend });
    expect(backend.kind).toBe('sdk');
    expect(faults).toEqual([
      { kind: 'metal', reason: 'metal is not here' },
      { kind: 'native', reason: 'native is not here' },
      { kind: 'wasm', reason: 'wasm is not here' },
    ]);
  });

  it('fails when nothing works', () => {
    expect(() => chooseCrypto(nothing)).toThrow('no crypto backend works: metal: metal is not here; native: ');
  });

  it('memoises the live one, and it is the fastest without a fault', () => {
    const faulty = new Set(listCryptoFaults().map(({ kind }) => kind));
    expect(liveCrypto().kind).toBe(CRYPTO_KINDS.find((kind) => !faulty.has(kind)));
    expect(liveCrypto()).toBe(liveCrypto());
  });

  const liars: readonly [string, Partial<CryptoBackend>][] = [
    ['accepts every signature', { verifyBatch: ({ verdicts }) => void verdicts.fill(1) }],
    ['accepts none', { verifyBatch: ({ verdicts }) => void verdicts.fill(0) }],
    ['accepts the low S alone', { verifyBatch: ({ verdicts }) => verdicts.set([1, 0, 0]) }],
    ['writes no verdict', { verifyBatch: () => undefined }],
    ['hashes once', { sha256dSpans: () => undefined }],
    ['folds nothing', { hashPairs: () => undefined }],
    ['has no RIPEMD160', { hash160Spans: missing('native') }],
  ];
  it.each(liars)('uses no backend that %s', (_title, lie) => {
    const { backend, faults } = chooseCrypto({
      ...nothing,
      native: () => ({ ...sdk, kind: 'native', label: 'the liar', ...lie }),
      sdk: openSdkBackend,
    });
    expect(backend.kind).toBe('sdk');
    expect(faults.map(({ kind }) => kind)).toContain('native');
  });
});
