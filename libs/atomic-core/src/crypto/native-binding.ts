/** What is used of the package, which has no types of its own. */
interface Secp256k1Binding {
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, key: Uint8Array): boolean;
  /** In place. */
  signatureNormalize(signature: Uint8Array): Uint8Array;
  publicKeyVerify(point: Uint8Array): boolean;
  privateKeyVerify(secret: Uint8Array): boolean;
  publicKeyCreate(secret: Uint8Array): Uint8Array;
  publicKeyTweakAdd(point: Uint8Array, tweak: Uint8Array): Uint8Array;
  /** In place. */
  privateKeyTweakAdd(secret: Uint8Array, tweak: Uint8Array): Uint8Array;
  ecdsaSign(digest: Uint8Array, secret: Uint8Array): { signature: Uint8Array };
  ecdh(
    point: Uint8Array,
    secret: Uint8Array,
    options: { hashfn: (x: Uint8Array, y: Uint8Array) => Uint8Array },
    output: Uint8Array,
  ): Uint8Array;
}

export const NATIVE_LABEL = 'secp256k1 5.0.2 (libsecp256k1, prebuilt)';

/**
 * Throws where the package has no prebuilt binding for the platform. `/bindings` and never the index of the package: that one swallows a native load that
 * fails and answers with elliptic, thirty times slower and another implementation, without a word.
 */
export function loadNativeBinding(): Secp256k1Binding {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- asked for when wanted, so that a load that fails is a reason and not a crash
  return require('secp256k1/bindings') as Secp256k1Binding;
}
