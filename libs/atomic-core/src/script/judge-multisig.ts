import { type BeefTape, IN_SCRIPT, IN_SCRIPT_END, INPUT_ROW } from '../beef/beef-tape';
import type { CryptoBackend } from '../crypto/crypto-backend';
import { readSignature } from './read-signature';
import type { RecognisedLock } from './recognise-lock';
import type { SighashBatch, SignedInput } from './sighash-batch';

const COMPACT_BYTES = 64;
const DIGEST_BYTES = 32;
/** OP_16 is the last number that has an opcode. */
const KEYS_MAX = 16;

interface MultisigInput {
  readonly tape: BeefTape;
  readonly crypto: CryptoBackend;
  readonly sighash: SighashBatch;
  readonly signed: SignedInput;
}

/** What one input needs; one input at a time, so that one of each is enough. */
const signatures = new Uint8Array(KEYS_MAX * COMPACT_BYTES);
const digestPlaces = new Uint8Array(KEYS_MAX);
const hashTypes = new Uint8Array(KEYS_MAX);

/** `OP_0 <signature>…`: how many digests are ordered for them (one for each hash type), or 0 when they are not what a wallet writes. */
const readSignatures = ({ tape, sighash, signed }: MultisigInput, count: number): number => {
  const { bytes, inputs } = tape;
  let at = inputs[signed.input * INPUT_ROW + IN_SCRIPT] as number;
  const end = inputs[signed.input * INPUT_ROW + IN_SCRIPT_END] as number;
  if (at === end || bytes[at++] !== 0) return 0;
  const push = { start: 0, end: 0 };
  for (let index = 0; index < count; index++) {
    push.start = at + 1;
    push.end = at + 1 + (bytes[at] as number);
    if (at >= end || push.end > end) return 0;
    hashTypes[index] = readSignature(bytes, push, signatures, index * COMPACT_BYTES);
    if (hashTypes[index] === 0) return 0;
    at = push.end;
  }
  if (at !== end) return 0;
  let digests = 0;
  for (let index = 0; index < count; index++) {
    const same = hashTypes.indexOf(hashTypes[index] as number);
    digestPlaces[index] = same < index ? (digestPlaces[same] as number) : digests++;
    if (same >= index) sighash.order(signed, hashTypes[index] as number);
  }
  return digests;
};

/**
 * The walk of OP_CHECKMULTISIG: from the last key to the first, each signature in turn from the last. True when every signature found its key; false
 * decides nothing.
 */
export const judgeMultisig = (multisig: MultisigInput, lock: RecognisedLock): boolean => {
  const { tape, crypto, sighash } = multisig;
  const { bytes: keyBytes } = tape;
  if (readSignatures(multisig, lock.signatures) === 0) return false;
  sighash.compute();
  const keySpans = new Uint32Array(lock.keys * 2);
  for (let key = 0, at = lock.start; key < lock.keys; key++) {
    keySpans[key * 2] = at + 1;
    keySpans[key * 2 + 1] = at += 1 + (keyBytes[at] as number);
  }
  const verdicts = new Uint8Array(1);
  let signature = lock.signatures - 1;
  // More signatures left than keys: none of what follows could satisfy them all.
  for (let key = lock.keys - 1; signature >= 0 && signature <= key; key--) {
    const digest = (digestPlaces[signature] as number) * DIGEST_BYTES;
    crypto.verifyBatch({
      count: 1,
      digests: sighash.digests.subarray(digest, digest + DIGEST_BYTES),
      signatures: signatures.subarray(signature * COMPACT_BYTES, (signature + 1) * COMPACT_BYTES),
      keyBytes,
      keySpans: keySpans.subarray(key * 2, key * 2 + 2),
      verdicts,
    });
    if (verdicts[0] === 1) signature--;
  }
  return signature < 0;
};
