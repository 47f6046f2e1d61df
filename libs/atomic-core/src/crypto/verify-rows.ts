import { checkSignatures, isKeyShape } from './check-batch';
import type { SignatureBatch } from './crypto-backend';

/** One signature, one digest, one key of 33 or 65 octets. May throw for numbers or points that are none. */
export type VerifyOne = (signature: Uint8Array, digest: Uint8Array, key: Uint8Array) => boolean;

/**
 * A batch for libraries that take one signature at a time. `unreadable` matches what the library throws for a signature or a key that cannot be one: to a
 * verifier that is "not signed". Everything else it throws is a fault, and a fault is no verdict.
 */
export function verifyRows(batch: SignatureBatch, verifyOne: VerifyOne, unreadable: RegExp): void {
  checkSignatures(batch);
  const { count, digests, signatures, keyBytes, keySpans, verdicts } = batch;
  for (let row = 0; row < count; row++) {
    verdicts[row] = 0;
    const start = keySpans[2 * row] as number;
    const end = keySpans[2 * row + 1] as number;
    if (!isKeyShape(keyBytes, start, end)) continue;
    const signature = signatures.subarray(64 * row, 64 * row + 64);
    const digest = digests.subarray(32 * row, 32 * row + 32);
    try {
      if (verifyOne(signature, digest, keyBytes.subarray(start, end))) verdicts[row] = 1;
    } catch (error) {
      if (!(error instanceof Error) || !unreadable.test(error.message)) throw error;
    }
  }
}
