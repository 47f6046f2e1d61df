import type { CurveKeys } from './curve-keys';
import { reduceScalar } from './scalar';

interface Secp256k1Binding {
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

/** ECDH wants a hash of the shared point; we want the point. Its tweakMul, which gives one, leaks the secret by its time. */
const compress = (x: Uint8Array, y: Uint8Array): Uint8Array => {
  const point = new Uint8Array(33);
  point[0] = 2 + ((y[31] as number) & 1);
  point.set(x, 1);
  return point;
};

/** Throws where the package has no prebuilt binding for the platform. Never the index of the package: see native-backend.ts. */
export function openNativeCurveKeys(): CurveKeys {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- asked for when wanted, so that a load that fails is a reason and not a crash
  const binding = require('secp256k1/bindings') as Secp256k1Binding;
  return {
    label: 'secp256k1 5.0.2 (libsecp256k1, prebuilt)',
    isPoint: (point) => point.length === 33 && binding.publicKeyVerify(point),
    publicKeyOf: (secret) => binding.publicKeyCreate(secret),
    multiply: (point, secret) => binding.ecdh(point, secret, { hashfn: compress }, new Uint8Array(33)),
    addToSecret: (secret, tweak) => {
      // This call of the library alone would take a secret beyond the order, reduced.
      if (!binding.privateKeyVerify(secret)) throw new Error('The secret is out of range');
      return binding.privateKeyTweakAdd(Uint8Array.from(secret), reduceScalar(tweak));
    },
    addToPoint: (point, tweak) => binding.publicKeyTweakAdd(point, reduceScalar(tweak)),
    sign: (digest, secret) => binding.ecdsaSign(reduceScalar(digest), secret).signature,
  };
}
