import { sha256 } from '#atomic-core';
import { type BeefDraft, Linker, type OutputDraft } from './draft';
import type { Random } from './random';
import { forgetDigests, signedDigest } from './sign-digest';

/** The package has no types of its own. It signs here alone: the SDK takes milliseconds for what it does in 30 µs, and a hundred thousand cases sign. Its binding, never its index: that one falls back to slow code silently. */
const { ecdsaSign, publicKeyCreate, signatureExport } = require('secp256k1/bindings') as {
  ecdsaSign: (digest: Uint8Array, secret: Uint8Array) => { signature: Uint8Array };
  publicKeyCreate: (secret: Uint8Array, compressed: boolean) => Uint8Array;
  signatureExport: (compact: Uint8Array) => Uint8Array;
};

export interface TestKey {
  readonly secret: Buffer;
  readonly compressed: Buffer;
  readonly uncompressed: Buffer;
}

const makeKey = (index: number): TestKey => {
  const secret = sha256(Buffer.from(`hostile corpus ${index}`));
  return {
    secret,
    compressed: Buffer.from(publicKeyCreate(secret, true)),
    uncompressed: Buffer.from(publicKeyCreate(secret, false)),
  };
};

export const keys: readonly TestKey[] = Array.from({ length: 8 }, (_, index) => makeKey(index));

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const ALL_FORKID = 0x41;

export interface SignOptions {
  readonly scope?: number;
  /** What the signature covers in place of the whole locking script. */
  readonly subscript?: Buffer;
}

export type Sign = (key: TestKey, options?: SignOptions) => Buffer;
export type Unlock = (sign: Sign) => Buffer;

/** How an output is spent. Kept beside the draft, so that a draft is plain data. */
export type Unlocks = Map<OutputDraft, Unlock>;

const highS = (compact: Uint8Array): Uint8Array => {
  const s = BigInt(`0x${Buffer.from(compact.subarray(32)).toString('hex')}`);
  const high = (ORDER - s).toString(16).padStart(64, '0');
  return Buffer.concat([compact.subarray(0, 32), Buffer.from(high, 'hex')]);
};

/** Signatures that are nearly right: each of these some verifier somewhere has taken for right, or should have. */
const tampers: readonly ((der: Buffer, compact: Uint8Array, random: Random) => Buffer)[] = [
  (_der, compact) => Buffer.from(signatureExport(highS(compact))),
  (der) => Buffer.concat([der, Buffer.of(0)]),
  (der) => Buffer.concat([Buffer.of(0x30, (der[1] ?? 0) + 1), der.subarray(2), Buffer.of(0)]),
  (der, _compact, random) => {
    const flipped = Buffer.from(der);
    const at = random.below(flipped.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
    return flipped;
  },
  (der) => Buffer.concat([der.subarray(0, 3), Buffer.of((der[3] ?? 0) + 1, 0), der.subarray(4)]),
  () => Buffer.from('3006020100020101', 'hex'),
  () => Buffer.from('3006020101020101', 'hex'),
  () => Buffer.alloc(0),
  (der) => der.subarray(0, -1),
];

export interface Tampering {
  readonly random: Random;
  /** One signature in this many is tampered with; 0: none. */
  readonly oneIn: number;
}

const signDigest = (digest: Buffer, key: TestKey, tampering?: Tampering): Buffer => {
  const { signature } = ecdsaSign(digest, key.secret);
  const der = Buffer.from(signatureExport(signature));
  if (!tampering || tampering.oneIn === 0 || !tampering.random.chance(tampering.oneIn)) return der;
  return tampering.random.pick(tampers)(der, signature, tampering.random);
};

/** Writes every unlocking script of the unproven transactions, parents first. */
export const signDraft = (draft: BeefDraft, unlocks: Unlocks, tampering?: Tampering): void => {
  for (const entry of draft.entries) {
    if (entry.bump !== undefined) continue;
    const linker = new Linker(draft);
    const parents = entry.inputs.map((input) => linker.parentTxid(input));
    forgetDigests(entry);
    for (const [index, input] of entry.inputs.entries()) {
      const parentOutput = draft.entries[input.parent]?.outputs[input.vout];
      const unlock = parentOutput && unlocks.get(parentOutput);
      if (!parentOutput || !unlock) continue;
      const { satoshis } = parentOutput;
      input.script = unlock((key, { scope = ALL_FORKID, subscript = parentOutput.script } = {}) => {
        const digest = signedDigest({ entry, parents, index, satoshis, subscript, scope });
        return Buffer.concat([signDigest(digest, key, tampering), Buffer.of(scope & 0xff)]);
      });
    }
  }
};
