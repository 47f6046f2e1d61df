import type { CryptoBackend } from './crypto-backend';

/** libs/atomic-core/native/metal.c. It checks every length and span against the array that it points into, and throws a RangeError. */
interface MetalAddon extends Pick<CryptoBackend, 'sha256dSpans' | 'hashPairs' | 'hash160Spans'> {
  /** Which libsecp256k1 it was built on. */
  readonly library: string;
  verifyBatch(
    count: number,
    digests: Uint8Array,
    signatures: Uint8Array,
    keyBytes: Uint8Array,
    keySpans: Uint32Array,
    verdicts: Uint8Array,
  ): void;
}

/** An import of package.json, so that it is one file for the sources under Jest, for the build and for worker threads of either. */
const ADDON = '#metal';

/** Throws where the addon is not built (`npm run build:metal`) or does not load. */
export function openMetalBackend(path = ADDON): CryptoBackend {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an optional part: not built or broken, it is a reason and not a crash
  const addon = require(path) as MetalAddon;
  return {
    kind: 'metal',
    label: `metal (${addon.library})`,
    sha256dSpans: addon.sha256dSpans,
    hashPairs: addon.hashPairs,
    hash160Spans: addon.hash160Spans,
    verifyBatch: ({ count, digests, signatures, keyBytes, keySpans, verdicts }) =>
      addon.verifyBatch(count, digests, signatures, keyBytes, keySpans, verdicts),
  };
}
