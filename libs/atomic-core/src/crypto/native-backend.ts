import type { CryptoBackend } from './crypto-backend';
import { nodeHashing } from './node-hashing';
import { verifyRows, type VerifyOne } from './verify-rows';

interface Secp256k1Binding {
  ecdsaVerify: VerifyOne;
  /** In place. */
  signatureNormalize(signature: Uint8Array): Uint8Array;
}

const UNREADABLE = /^(Signature|Public Key) could not be parsed$/u;

/**
 * `/bindings` and never the index of the package: that one swallows a native load that fails and answers with elliptic, thirty times slower and another
 * implementation, without a word.
 */
function loadBinding(): Secp256k1Binding {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- asked for when wanted, so that a load that fails is a reason and not a crash
  return require('secp256k1/bindings') as Secp256k1Binding;
}

/** Throws where the package has no prebuilt binding for the platform. */
export function openNativeBackend(): CryptoBackend {
  const binding = loadBinding();
  const lowered = new Uint8Array(64);
  const verifyOne: VerifyOne = (signature, digest, key) => {
    // libsecp256k1 takes the low S alone. Half the order begins with 7f, so almost every low S is known by one octet.
    if ((signature[32] as number) < 0x7f) return binding.ecdsaVerify(signature, digest, key);
    lowered.set(signature);
    return binding.ecdsaVerify(binding.signatureNormalize(lowered), digest, key);
  };

  return {
    kind: 'native',
    label: 'secp256k1 5.0.2 (libsecp256k1, prebuilt)',
    ...nodeHashing,
    verifyBatch: (batch) => verifyRows(batch, verifyOne, UNREADABLE),
  };
}
