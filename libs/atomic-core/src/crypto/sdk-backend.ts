import { BigNumber, ECDSA, PublicKey, Signature } from '@bsv/sdk';
import type { CryptoBackend } from './crypto-backend';
import { nodeHashing } from './node-hashing';
import { verifyRows, type VerifyOne } from './verify-rows';

const FIELD = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;
const UNREADABLE = /^Invalid point$/u;

const numberOf = (bytes: Uint8Array): BigNumber => new BigNumber([...bytes]);
const isBeyondField = (bytes: Uint8Array): boolean => BigInt(`0x${Buffer.from(bytes).toString('hex')}`) >= FIELD;

const verifyOne: VerifyOne = (signature, digest, key) => {
  // The SDK reduces a coordinate beyond the field and so reads one key from two spellings; libsecp256k1 and the node do not.
  if (isBeyondField(key.subarray(1, 33)) || (key.length === 65 && isBeyondField(key.subarray(33)))) return false;
  const read = new Signature(numberOf(signature.subarray(0, 32)), numberOf(signature.subarray(32)));
  return ECDSA.verify(numberOf(digest), read, PublicKey.fromDER([...key]));
};

/** BigInt arithmetic: the last resort, and the second opinion that the others are tested against. */
export const openSdkBackend = (): CryptoBackend => ({
  kind: 'sdk',
  label: '@bsv/sdk 2.1.0 (BigInt)',
  ...nodeHashing,
  verifyBatch: (batch) => verifyRows(batch, verifyOne, UNREADABLE),
});
