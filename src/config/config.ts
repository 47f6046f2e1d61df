import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from './config-error';
import type { RevocationSourceSetting } from './certificate-settings';
import { readSettings } from './read-settings';
import { refuseUnfitPeople } from './refuse-people';
import { refuseUnsold } from './refuse-unsold';
import type { HeaderSourceSetting, Price, Settings } from './schema';
import { Secret } from './secret';

/** Token under which every module receives the one parsed configuration. */
export const CONFIG = Symbol('CONFIG');

/** Settings with everything resolved that depends on another setting or on the data folder. Frozen. */
export type Config = Readonly<
  Omit<Settings, 'prices' | 'headerSources' | 'revocationSources' | 'cryptoRequired'> & {
    prices: readonly Price[];
    headerSources: readonly HeaderSourceSetting[];
    revocationSources: readonly RevocationSourceSetting[];
    cryptoRequired: 'any' | 'native';
  }
>;

/** The bits of a file's mode that are for its group and for everybody. */
const OTHERS_MASK = 0o077;

const DEVNET_PRICES: readonly Price[] = [{ method: 'POST', path: '/v1/submissions', satoshis: 200 }];

/** The configuration of this process; throws a ConfigError of one sentence. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const settings = readSettings(env);
  return resolveConfig(settings);
}

export function resolveConfig(settings: Settings): Config {
  refuseUnsafeProduction(settings);
  refuseUnreachableAdvertiser(settings);
  refuseUnaskedRevocation(settings);
  refuseTwoKeys(settings);
  refuseUnableCertifier(settings);
  refuseUnknownOperator(settings);
  refuseUnfitPeople(settings);
  const dataDir = resolve(settings.dataDir);
  const keyFile = join(dataDir, 'keys', 'identity.key');
  refuseOpenKeyFile(keyFile);
  // With a store a key of the environment would be one more place to look for it in, and to forget it in.
  const identityKey =
    settings.keyStore === undefined ? (settings.identityKey ?? findOrCreateIdentityKey(keyFile)) : undefined;
  const config: Config = {
    ...settings,
    dataDir,
    identityKey,
    prices: priceBatches(settings.prices ?? (settings.network === 'devnet' ? DEVNET_PRICES : [])),
    headerSources: settings.headerSources ?? [],
    revocationSources: settings.revocationSources ?? [],
    // A gateway that is thirty times slower than it was sized for is an outage that nobody was told of.
    cryptoRequired: settings.cryptoRequired ?? (settings.profile === 'production' ? 'native' : 'any'),
  };
  refuseUnsold(settings, config.prices);
  return settings.devnetUrl === undefined ? Object.freeze(config) : attachDevnet(config, settings.devnetUrl);
}

/** What costs something singly must not be free by the thousand, because a price list was written before there were batches. */
function priceBatches(prices: readonly Price[]): readonly Price[] {
  const listed = (path: string): Price | undefined =>
    prices.find((price) => price.method === 'POST' && price.path === path);
  const single = listed('/v1/submissions');
  const batch = '/v1/submissions/batch';
  return single === undefined || listed(batch) !== undefined ? prices : [...prices, { ...single, path: batch }];
}

/** The same configuration pointed at a running development network, where nothing else was chosen. */
export function attachDevnet(config: Config, devnetUrl: string): Config {
  if (config.network !== 'devnet') return config;
  return Object.freeze({
    ...config,
    devnetUrl,
    arcUrl: config.arcUrl ?? `${devnetUrl}/arc`,
    headerSources: config.headerSources.length > 0 ? config.headerSources : [{ kind: 'devnet', url: devnetUrl }],
    revocationSources:
      config.revocationSources.length > 0 ? config.revocationSources : [{ kind: 'devnet', url: devnetUrl }],
  } satisfies Config);
}

/** The broadcaster of the roles relay and all; `start` asks before it starts anything, the relay again when it is built. */
export function arcUrlOf(config: Pick<Config, 'arcUrl'>): string {
  if (config.arcUrl === undefined) throw new ConfigError('The relay needs a broadcaster; set PORTCULLIS_ARC_URL.');
  return config.arcUrl;
}

function refuseUnsafeProduction(settings: Settings): void {
  if (settings.profile !== 'production') return;
  if (settings.network === 'devnet') {
    throw new ConfigError('The production profile does not run on the development network; set PORTCULLIS_NETWORK.');
  }
  // A generated key would silently make a new gateway identity on every fresh disk.
  if (settings.identityKey === undefined && settings.keyStore === undefined) {
    throw new ConfigError(
      'The production profile needs its own key; set PORTCULLIS_KEY_STORE or PORTCULLIS_IDENTITY_KEY.',
    );
  }
}

function refuseTwoKeys({ identityKey, keyStore, role }: Settings): void {
  if (keyStore === undefined) return;
  if (identityKey !== undefined) {
    throw new ConfigError('The key is given twice; unset PORTCULLIS_IDENTITY_KEY or PORTCULLIS_KEY_STORE.');
  }
  if (keyStore.kind === 'relay' && role !== 'relay') {
    throw new ConfigError(
      'Whoever answers callers signs with the root key; the kind relay of PORTCULLIS_KEY_STORE is for the role relay.',
    );
  }
}

/** Whether they are revoked could be asked of nobody, and every one of them would be refused. */
function refuseUnaskedRevocation({ network, certificates, revocationSources = [] }: Settings): void {
  // Who brings proofs alone says of nothing that it is good.
  const hasSource = revocationSources.some(({ kind }) => kind !== 'spend-proof');
  if (network === 'devnet' || hasSource || !certificates.some(({ revocable }) => revocable)) return;
  throw new ConfigError(
    'Certificates that can be revoked need somebody who knows; set PORTCULLIS_REVOCATION_SOURCES, or `"revocable": false` in PORTCULLIS_CERTIFICATES.',
  );
}

/** Nobody could decide, or nothing that is signed could be revoked. */
function refuseUnableCertifier({ certifier, organisations, overlayWalletUrl }: Settings): void {
  if (certifier === undefined) return;
  if (!Object.hasOwn(organisations, certifier.organisation))
    throw new ConfigError(
      'The organisation of PORTCULLIS_CERTIFIER has no members; name them in PORTCULLIS_ORGANISATIONS.',
    );
  if (overlayWalletUrl === undefined)
    throw new ConfigError(
      'A certifier needs a wallet that makes revocation outpoints; set PORTCULLIS_OVERLAY_WALLET_URL.',
    );
}

/** A misspelt name would let one decide where two have to, or accept nothing of anybody from outside, and say nothing. */
function refuseUnknownOperator({ operator, organisations, trustApprovals }: Settings): void {
  const named = typeof trustApprovals === 'number' ? [] : Object.keys(trustApprovals);
  if (named.some((name) => !Object.hasOwn(organisations, name)))
    throw new ConfigError('PORTCULLIS_TRUST_APPROVALS names an organisation that PORTCULLIS_ORGANISATIONS does not.');
  if (operator === undefined || Object.hasOwn(organisations, operator)) return;
  throw new ConfigError(
    'The operator is none of the organisations; set PORTCULLIS_OPERATOR to one that is named there.',
  );
}

/** An advertisement that nobody can follow, or that no host of the discovery topics would take (BRC-101), is not made. */
function refuseUnreachableAdvertiser({ overlayDiscovery, overlayWalletUrl, publicUrl }: Settings): void {
  if (overlayDiscovery !== 'advertise') return;
  if (publicUrl === undefined || overlayWalletUrl === undefined) {
    throw new ConfigError(
      'Advertising needs the place that is advertised and a wallet; set PORTCULLIS_PUBLIC_URL and PORTCULLIS_OVERLAY_WALLET_URL.',
    );
  }
  const { protocol, hostname, href, origin } = new URL(publicUrl);
  const isHere = /^(?:(?:.+\.)?localhost\.?|127\..+|0\.0\.0\.0|\[::1?\])$/u.test(hostname);
  if (protocol === 'https:' && !isHere && href === `${origin}/`) return;
  throw new ConfigError(
    'Only a bare https address that others can reach is advertised, such as https://gateway.example.com; set PORTCULLIS_PUBLIC_URL.',
  );
}

/** We make the file for its owner alone. Opened up since, by a copy or a backup, its key may be known to anybody with an account on the machine. */
function refuseOpenKeyFile(path: string): void {
  if (!existsSync(path) || (statSync(path).mode & OTHERS_MASK) === 0) return;
  throw new ConfigError(
    `The identity key in ${path} is open to others than its owner; make a new one, or set its mode to 0600.`,
  );
}

function findOrCreateIdentityKey(path: string): Secret {
  if (!existsSync(path)) createIdentityKey(path);
  const key = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/u.test(key)) throw new ConfigError(`The identity key in ${path} is not 64 hex digits.`);
  return new Secret(key);
}

/** Written aside and linked into place: of two processes that start together one wins, and nobody reads half a key. */
function createIdentityKey(path: string): void {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  let written = false;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    written = true;
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new ConfigError(`The identity key cannot be written to ${path}: ${(error as Error).message}.`);
    }
  } finally {
    // Where nothing may be written, looking for it is a fault of its own.
    if (written) rmSync(draft, { force: true });
  }
}
