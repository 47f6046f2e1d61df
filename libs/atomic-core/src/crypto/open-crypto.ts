import type { CryptoBackend, CryptoKind } from './crypto-backend';
import { openMetalBackend } from './metal-backend';
import { openNativeBackend } from './native-backend';
import { openSdkBackend } from './sdk-backend';
import { testBackend } from './test-backend';
import { openWasmBackend } from './wasm-backend';

/** Why a kind is not used here. */
export interface CryptoFault {
  readonly kind: CryptoKind;
  readonly reason: string;
}

export type CryptoOpeners = Readonly<Record<CryptoKind, () => CryptoBackend>>;

export const CRYPTO_OPENERS: CryptoOpeners = {
  metal: () => openMetalBackend(),
  native: openNativeBackend,
  wasm: openWasmBackend,
  sdk: openSdkBackend,
};

/** Fastest first. */
export const CRYPTO_KINDS: readonly CryptoKind[] = ['metal', 'native', 'wasm', 'sdk'];

/**
 * Those for a thread that may be ended from outside, which is how a hostile BEEF is stopped. `native` is none of them: its C++ throws where the end of its
 * thread meets it in a call, nothing catches that, and the process is gone (ops/decisions/0021).
 */
export const THREAD_CRYPTO_KINDS: readonly CryptoKind[] = CRYPTO_KINDS.filter((kind) => kind !== 'native');

/** The first line: Node adds a list of modules to a failed load. Not by instanceof: an addon's errors may be of another realm. */
const reasonOf = (error: unknown): string =>
  ((error as Partial<Error>).message ?? String(error)).split('\n', 1)[0] ?? '';

export interface CryptoChoice {
  readonly backend: CryptoBackend;
  /** Of the kinds before it. */
  readonly faults: readonly CryptoFault[];
}

/** The first of the kinds that opens and passes its known answers, and why those before it did not. */
export function chooseCrypto(openers: CryptoOpeners, kinds: readonly CryptoKind[] = CRYPTO_KINDS): CryptoChoice {
  const faults: CryptoFault[] = [];
  for (const kind of kinds) {
    try {
      return { backend: testBackend(openers[kind]()), faults };
    } catch (error) {
      faults.push({ kind, reason: reasonOf(error) });
    }
  }
  throw new Error(`no crypto backend works: ${faults.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ')}`);
}

/** The named backend, or the fastest that works here. Throws when a named one is not available: whoever names one wants no other. */
export const openCrypto = (kind?: CryptoKind): CryptoBackend =>
  kind === undefined ? chooseCrypto(CRYPTO_OPENERS).backend : testBackend(CRYPTO_OPENERS[kind]());

/** What a thread that may be ended from outside computes with on this machine. */
export const chooseThreadCrypto = (): CryptoChoice => chooseCrypto(CRYPTO_OPENERS, THREAD_CRYPTO_KINDS);

let live: CryptoChoice | undefined;

/** Says that this thread may be ended from outside. MUST come before anything is computed in it. */
export const useThreadCrypto = (): void => {
  live = chooseThreadCrypto();
};

/** The backend of this thread, chosen at its first use. Each worker thread has its own: bindings are not shared between threads. */
export const liveCrypto = (): CryptoBackend => (live ??= chooseCrypto(CRYPTO_OPENERS)).backend;

/** The faster kinds that `liveCrypto` could not use, and why: for the report at the start. */
export const listCryptoFaults = (): readonly CryptoFault[] => (live ??= chooseCrypto(CRYPTO_OPENERS)).faults;
