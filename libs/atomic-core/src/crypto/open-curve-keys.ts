import type { CurveKeys } from './curve-keys';
import { openNativeCurveKeys } from './native-curve-keys';
import { openSdkCurveKeys } from './sdk-curve-keys';
import { testCurveKeys } from './test-backend';

/**
 * The binding of the package secp256k1 where it works, else the SDK. Not WebAssembly in between: the multiplication that it offers takes a time that depends
 * on the secret.
 */
const chooseCurveKeys = (): CurveKeys => {
  try {
    return testCurveKeys(openNativeCurveKeys());
  } catch {
    // The reason stands with the crypto backend of the same binding (`listCryptoFaults`).
    return testCurveKeys(openSdkCurveKeys());
  }
};

let live: CurveKeys | undefined;

/** Of this thread, chosen at its first use. */
export const liveCurveKeys = (): CurveKeys => (live ??= chooseCurveKeys());
