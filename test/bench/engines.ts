import { Transaction } from '@bsv/sdk';
import {
  accept,
  listRoots,
  openVerified,
  readBeef,
  scanBeef,
  verifyAncestry,
  verifyScripts,
  type CryptoBackend,
  type ReadBeef,
  type Result,
  type VerifiedTransaction,
} from '#atomic-core';

const CONTEXT = { tipHeight: 2_000_000, medianTimePast: 1_795_000_000, network: 'devnet' } as const;

/** A chain that answers at once, so that verification alone is measured. */
const SDK_CHAIN = {
  isValidRootForHeight: (): Promise<boolean> => Promise.resolve(true),
  currentHeight: (): Promise<number> => Promise.resolve(CONTEXT.tipHeight),
};

/** Bytes to graph, txids and roots: what a `Transaction.fromBEEF` of the SDK comes back with. */
export const readOurs = (bytes: Uint8Array, crypto: CryptoBackend): Result<ReadBeef> => {
  const scanned = scanBeef(bytes);
  if (!scanned.ok) return scanned;
  const read = readBeef(scanned.value, crypto);
  if (read.ok) listRoots(read.value);
  return read;
};

/** The whole verification in one thread, step for step as the workers run it. `isKnown`: the script verdict of every transaction is remembered. */
export const verifyOurs = (bytes: Uint8Array, crypto: CryptoBackend, isKnown = false): Result<VerifiedTransaction> => {
  const read = readOurs(bytes, crypto);
  if (!read.ok) return read;
  const ancestry = verifyAncestry(read.value, CONTEXT);
  if (!ancestry.ok) return ancestry;
  const known = isKnown ? { known: new Uint8Array(read.value.needed.length).fill(1) } : {};
  const verified = verifyScripts(ancestry.value, { ...known, crypto });
  return verified.ok ? accept(openVerified(verified.value)) : verified;
};

export const readSdk = (bytes: Uint8Array): Transaction => Transaction.fromBEEF(bytes);

export const verifySdk = (bytes: Uint8Array): Promise<boolean> => Transaction.fromBEEF(bytes).verify(SDK_CHAIN);

/** The SDK refuses by `false` and by throwing. */
export const sdkAccepts = async (bytes: Uint8Array): Promise<boolean> => {
  try {
    return await verifySdk(bytes);
  } catch {
    return false;
  }
};
