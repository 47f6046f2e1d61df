/** `metal`: our addon over libsecp256k1; `native`: the prebuilt binding of the package `secp256k1`; `wasm`: libauth; `sdk`: BigInt arithmetic of @bsv/sdk. */
export type CryptoKind = 'metal' | 'native' | 'wasm' | 'sdk';

/** Signatures to check in one call. `count` of each; all buffers belong to the caller and are only read, but `verdicts`. */
export interface SignatureBatch {
  readonly count: number;
  /** 32 bytes each. */
  readonly digests: Uint8Array;
  /** 64 bytes each: r and s, big-endian. */
  readonly signatures: Uint8Array;
  /** The bytes that `keySpans` counts in. */
  readonly keyBytes: Uint8Array;
  /** start and end of each public key: 33 (02, 03) or 65 (04) bytes; anything else is a false verdict. */
  readonly keySpans: Uint32Array;
  /** Written: 1 where the signature is the key's over the digest, 0 everywhere else. */
  readonly verdicts: Uint8Array;
}

/**
 * What the engine computes with. Every kind gives the same answers to the same bytes (crypto-backend.spec.ts); they differ in speed alone. Calls take many
 * items at once because one call into native code costs as much as one short hash.
 */
export interface CryptoBackend {
  readonly kind: CryptoKind;
  /** For people: the library and its version. */
  readonly label: string;
  /** SHA256(SHA256()) of `count` stretches of `bytes`; `spans` holds start and end of each. 32 bytes each go to `out`. */
  sha256dSpans(bytes: Uint8Array, spans: Uint32Array, count: number, out: Uint8Array): void;
  /**
   * Merkle hashing over an arena of 32-byte nodes: for each of `count` triples (left, right, target), in order, node `target` becomes
   * SHA256(SHA256(node `left`, node `right`)). A later triple may read what an earlier one wrote.
   */
  hashPairs(nodes: Uint8Array, triples: Uint32Array, count: number): void;
  /** RIPEMD160(SHA256()) of `count` stretches of `bytes`. 20 bytes each go to `out`. */
  hash160Spans(bytes: Uint8Array, spans: Uint32Array, count: number, out: Uint8Array): void;
  /** Both S of a signature are taken: whether the high one is allowed is a rule of the script, not of the curve. */
  verifyBatch(batch: SignatureBatch): void;
}
