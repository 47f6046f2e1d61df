import { createHash } from 'node:crypto';
import { sha256 } from '../bytes';
import type { Outpoint, Satoshis } from '../bytes';

/** An output as its topic holds it: unspent there, or spent there and retained for its history. */
export interface HeldOutput {
  readonly outpoint: Outpoint;
  readonly satoshis: Satoshis;
  readonly lockingScript: Uint8Array;
  readonly retained: boolean;
}

const MODULUS = 10n ** 640n;
/** 128 digits each. */
const HASHES = 5;
const LETTERS: Readonly<Record<string, string>> = { a: '0', b: '1', c: '2', d: '3', e: '4', f: '5' };

const writeElement = (topic: string, { outpoint, satoshis, lockingScript, retained }: HeldOutput): Buffer => {
  const name = Buffer.from(topic, 'utf8');
  const numbers = Buffer.alloc(4 + 8);
  numbers.writeUInt32BE(name.length, 0);
  numbers.writeBigUInt64LE(BigInt(satoshis), 4);
  return Buffer.concat([
    numbers.subarray(0, 4),
    name,
    Buffer.of(retained ? 1 : 0),
    outpoint,
    numbers.subarray(4),
    sha256(lockingScript),
  ]);
};

const hashElement = (element: Buffer): bigint => {
  let digits = '';
  for (let counter = 0; counter < HASHES; counter += 1) {
    digits += createHash('sha512').update(Buffer.of(counter)).update(element).digest('hex');
  }
  return BigInt(digits.replace(/[a-f]/g, (letter) => LETTERS[letter] ?? ''));
};

/** The digest as it is shown: 64 hex of what the sum over a topic is, in decimal digits without leading zeros. */
export const printTopicDigest = (sum: string): string => sha256(Buffer.from(sum, 'ascii')).toString('hex');

/**
 * One digest for a set of outputs in whatever order: the sum of their hashes modulo 10^640, hashed once more. The ledger keeps the sum as outputs come and
 * go; this is what it must be. See ops/decisions/0030.
 */
export const digestTopic = (topic: string, outputs: Iterable<HeldOutput>): string => {
  let sum = 0n;
  for (const output of outputs) sum += hashElement(writeElement(topic, output));
  return printTopicDigest((sum % MODULUS).toString());
};

/** Of every topic that holds nothing. */
export const EMPTY_TOPIC_DIGEST = printTopicDigest('0');
