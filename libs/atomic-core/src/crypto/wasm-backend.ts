import type { CryptoBackend } from './crypto-backend';
import { nodeHashing } from './node-hashing';
import { verifyRows } from './verify-rows';

interface TinySecp256k1 {
  /** Takes both S unless told to be strict. */
  verify(digest: Uint8Array, publicKey: Uint8Array, signature: Uint8Array): boolean;
}

const UNREADABLE = /^Expected (Signature|Point)$/u;

/** libsecp256k1 compiled to WebAssembly: the same on every platform, and instantiated synchronously, so that it opens on any thread like the others. */
function loadBinding(): TinySecp256k1 {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a megabyte of WebAssembly is compiled where nothing faster works, and only there
  return require('tiny-secp256k1') as TinySecp256k1;
}

export function openWasmBackend(): CryptoBackend {
  const binding = loadBinding();
  return {
    kind: 'wasm',
    label: 'tiny-secp256k1 2.2.4 (libsecp256k1 in WebAssembly)',
    ...nodeHashing,
    verifyBatch: (batch) =>
      verifyRows(batch, (signature, digest, key) => binding.verify(digest, key, signature), UNREADABLE),
  };
}
