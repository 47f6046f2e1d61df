/** The native binding of the package `secp256k1`, entered where it cannot fall back to plain JavaScript in silence. */
export interface CurveBinding {
  publicKeyCreate(secret: Uint8Array): Uint8Array;
  ecdsaSign(digest: Uint8Array, secret: Uint8Array): { readonly signature: Uint8Array };
  signatureExport(signature: Uint8Array): Uint8Array;
  signatureImport(der: Uint8Array): Uint8Array;
  signatureNormalize(signature: Uint8Array): Uint8Array;
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
}

/** Undefined where the package has no binary for this platform: the fixtures then take minutes instead of seconds, so the bench says so and ends. */
export const openCurveBinding = (): CurveBinding | undefined => {
  try {
    return require('secp256k1/bindings') as CurveBinding;
  } catch {
    return undefined;
  }
};
