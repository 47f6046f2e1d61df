import type { CurveKeys } from './curve-keys';
import { NATIVE_LABEL, loadNativeBinding } from './native-binding';
import { reduceScalar } from './scalar';

/** ECDH wants a hash of the shared point; we want the point. Its tweakMul, which gives one, leaks the secret by its time. */
const compress = (x: Uint8Array, y: Uint8Array): Uint8Array => {
  const point = new Uint8Array(33);
  point[0] = 2 + ((y[31] as number) & 1);
  point.set(x, 1);
  return point;
};

/** Throws where the package has no prebuilt binding for the platform. */
export function openNativeCurveKeys(): CurveKeys {
  const binding = loadNativeBinding();
  return {
    label: NATIVE_LABEL,
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
