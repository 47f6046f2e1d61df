import type { CryptoBackend } from './crypto-backend';
import { NATIVE_LABEL, loadNativeBinding } from './native-binding';
import { nodeHashing } from './node-hashing';
import { verifyRows, type VerifyOne } from './verify-rows';

const UNREADABLE = /^(Signature|Public Key) could not be parsed$/u;

/** Throws where the package has no prebuilt binding for the platform. */
export function openNativeBackend(): CryptoBackend {
  const binding = loadNativeBinding();
  const lowered = new Uint8Array(64);
  const verifyOne: VerifyOne = (signature, digest, key) => {
    // libsecp256k1 takes the low S alone. Half the order begins with 7f, so almost every low S is known by one octet.
    if ((signature[32] as number) < 0x7f) return binding.ecdsaVerify(signature, digest, key);
    lowered.set(signature);
    return binding.ecdsaVerify(binding.signatureNormalize(lowered), digest, key);
  };

  return {
    kind: 'native',
    label: NATIVE_LABEL,
    ...nodeHashing,
    verifyBatch: (batch) => verifyRows(batch, verifyOne, UNREADABLE),
  };
}
