import type { Signature } from '@bsv/sdk';
import type { CryptoBackend } from './crypto-backend';
import { liveCrypto } from './open-crypto';

const NUMBER_BYTES = 32;
const KEY_SPAN = new Uint32Array([0, 33]);

/** r and s as 64 octets; undefined for numbers that need more, which no signature of this curve has. */
export function packSignature({ r, s }: Signature): Uint8Array | undefined {
  if (r.byteLength() > NUMBER_BYTES || s.byteLength() > NUMBER_BYTES) return undefined;
  return Uint8Array.from([...r.toArray('be', NUMBER_BYTES), ...s.toArray('be', NUMBER_BYTES)]);
}

/** One signature, r and s as 64 octets, by one compressed key over a digest, either s. */
export function verifySignature(
  digest: Uint8Array,
  signature: Uint8Array,
  key: Uint8Array,
  crypto: CryptoBackend = liveCrypto(),
): boolean {
  if (key.length !== 33) return false;
  const verdicts = new Uint8Array(1);
  crypto.verifyBatch({ count: 1, digests: digest, signatures: signature, keyBytes: key, keySpans: KEY_SPAN, verdicts });
  return verdicts[0] === 1;
}
