import { randomBytes } from 'node:crypto';
import { deriveRelaySecrets } from '#atomic-core';
import type { KeyStore, RootKey } from '#ports';
import { readConfig, type Config } from '../config';
import { createKeyStore, planRotation, printRelayKeys } from '../keys';
import { readRootText } from '../keys/root-text';
import { CommandError, exitCodes } from './exit-codes';
import { openConfiguredHttp } from './open-configured-keys';
import { print } from './print';
import { readInput } from './read-input';

const LOAD_MS_MAX = 30_000;
const INPUT_CHARACTERS_MAX = 1_024;

export interface RotateOptions {
  readonly json: boolean;
  /** Milliseconds. */
  readonly startsIn: number;
  readonly overlap: number;
}

interface OpenStore {
  readonly store: KeyStore;
  readonly keys: readonly RootKey[];
  readonly signal: AbortSignal;
}

const wipe = (keys: readonly RootKey[]): void => {
  for (const { root } of keys) root.fill(0);
};

async function openStore(): Promise<OpenStore> {
  const config: Config = readConfig();
  const store = createKeyStore(config, openConfiguredHttp(config));
  const signal = AbortSignal.timeout(LOAD_MS_MAX);
  return { store, keys: await store.loadKeys(signal), signal };
}

/** The environment is changed by whoever sets it. */
async function replace({ store, signal }: OpenStore, keys: readonly RootKey[]): Promise<void> {
  if (store.replaceKeys === undefined) {
    throw new CommandError(
      exitCodes.usage,
      'The environment cannot be written; set PORTCULLIS_KEY_STORE, or PORTCULLIS_IDENTITY_KEY to a list of {key, from?, until?}.',
    );
  }
  await store.replaceKeys(keys, signal);
}

const printTime = (timeMs: number | undefined): string | null =>
  timeMs === undefined ? null : new Date(timeMs).toISOString();

/** Public halves and times, the latest last. */
function show(store: KeyStore, keys: readonly RootKey[], json: boolean): void {
  const rows = [...keys]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map(({ root, fromMs, untilMs }) => ({
      ...{ identityKey: deriveRelaySecrets(root).identityKey, from: printTime(fromMs), until: printTime(untilMs) },
    }));
  const lines = rows.map(
    ({ identityKey, from, until }) => `${identityKey} from ${from ?? ''} until ${until ?? 'further notice'}`,
  );
  print({ json, value: { store: store.name, keys: rows }, lines: [store.name, ...lines] });
}

async function store(root: Uint8Array, json: boolean): Promise<void> {
  const open = await openStore();
  try {
    if (open.keys.length > 0) {
      throw new CommandError(exitCodes.refused, 'The store holds keys already; `portcullis keys rotate` changes them.');
    }
    const keys = [{ root, fromMs: Date.now(), untilMs: undefined }];
    await replace(open, keys);
    show(open.store, keys, json);
  } finally {
    wipe(open.keys);
    root.fill(0);
  }
}

/** Octets that are no key come once in 2^127 times, and are refused by whoever opens them. */
export const runKeysCreate = ({ json }: { json: boolean }): Promise<void> => store(randomBytes(32), json);

export async function runKeysShow({ json }: { json: boolean }): Promise<void> {
  const open = await openStore();
  try {
    show(open.store, open.keys, json);
  } finally {
    wipe(open.keys);
  }
}

/** From the standard input: an argument is shown to everybody on the machine, and kept by the shell. */
export async function runKeysImport({ json }: { json: boolean }): Promise<void> {
  const text = await readInput(INPUT_CHARACTERS_MAX);
  const root = readRootText(text.trim());
  if (root === undefined) {
    throw new CommandError(exitCodes.usage, 'The standard input must be one private key of secp256k1, 64 hex digits.');
  }
  await store(root, json);
}

export async function runKeysRotate({ json, startsIn, overlap }: RotateOptions): Promise<void> {
  const open = await openStore();
  const root = randomBytes(32);
  try {
    const nowMs = Date.now();
    const keys = planRotation(open.keys, { root, nowMs, startMs: nowMs + startsIn, overlapMs: overlap });
    await replace(open, keys);
    show(open.store, keys, json);
  } finally {
    wipe(open.keys);
    root.fill(0);
  }
}

/** What a process of the role relay needs, and no root: PORTCULLIS_KEY_STORE_SECRET of the kind `relay`. It is printed, for that is what it is for. */
export async function runKeysRelay(): Promise<void> {
  const open = await openStore();
  try {
    const keys = open.keys.map(({ root, fromMs, untilMs }) => ({ ...deriveRelaySecrets(root), fromMs, untilMs }));
    process.stdout.write(`${printRelayKeys(keys)}\n`);
  } finally {
    wipe(open.keys);
  }
}
