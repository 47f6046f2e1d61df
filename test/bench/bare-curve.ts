import type { CryptoBackend, SignatureBatch } from '#atomic-core';
import type { SignedDigest } from './coin-purse';
import type { CurveBinding } from './curve-binding';
import type { Contender } from './race';

/** Enough for a sample; more would only leave the caches that a real verification stays in. */
const SIGNATURES = 200;

const take = (signed: readonly SignedDigest[]): SignedDigest[] =>
  Array.from(
    { length: Math.min(SIGNATURES, Math.max(20, signed.length)) },
    (_, index) => signed[index % signed.length]!,
  );

/** The package `secp256k1` as its users call it: a DER signature is imported, normalised and checked, one call each. */
export const bareBinding = (curve: CurveBinding, signed: readonly SignedDigest[]): Contender => {
  const items = take(signed);
  return {
    name: 'secp256k1 (npm), call by call',
    perCall: items.length,
    run: () => {
      for (const { der, digest, publicKey } of items) {
        const signature = curve.signatureNormalize(curve.signatureImport(der));
        if (!curve.ecdsaVerify(signature, digest, publicKey))
          throw new Error('The bare library refused a good signature.');
      }
    },
  };
};

export const writeBatch = (items: readonly SignedDigest[]): SignatureBatch => ({
  count: items.length,
  digests: Buffer.concat(items.map(({ digest }) => digest)),
  signatures: Buffer.concat(items.map(({ compact }) => compact)),
  keyBytes: Buffer.concat(items.map(({ publicKey }) => publicKey)),
  keySpans: Uint32Array.from(
    items.flatMap(({ publicKey }, index) => [index * publicKey.length, (index + 1) * publicKey.length]),
  ),
  verdicts: new Uint8Array(items.length),
});

/** A backend's own loop over digests, keys and signatures that lie ready: nothing of a transaction is left to do. */
export const bareBackend = (crypto: CryptoBackend, signed: readonly SignedDigest[]): Contender => {
  const batch = writeBatch(take(signed));
  return {
    name: `${crypto.kind}, ready batch`,
    perCall: batch.count,
    run: () => {
      crypto.verifyBatch(batch);
      if (batch.verdicts.includes(0)) throw new Error('The bare backend refused a good signature.');
    },
  };
};
