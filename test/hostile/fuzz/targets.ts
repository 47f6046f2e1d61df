import {
  type Rejection,
  type Txid,
  readAuthMessage,
  readBeef,
  readCertificate,
  readExtendedFormat,
  readHeader,
  readPayment,
  readTransaction,
  rejections,
  scanBeef,
  sha256d,
  verifyBump,
  writeExtendedFormat,
  writeHeader,
} from '#atomic-core';
import { buildBlock, buildFunding, judgeBeef } from '#testkit';
import { type BeefDraft, encodeBeef } from '../corpus/draft';
import { byteMutations } from '../corpus/mutate-bytes';
import { afterSigning, beforeSigning } from '../corpus/mutate-draft';
import type { Random } from '../corpus/random';
import { MEDIAN_TIME_PAST, TIP_HEIGHT, buildShape, shapeNames } from '../corpus/shapes';
import { signDraft } from '../corpus/sign-draft';
import { reencodeBeef, reencodeExtended, reencodeTransaction } from './reencode-beef';

/** One reader of strangers' bytes: how inputs for it are made, and what must hold for every one of them. `run` throws when it does not. */
export interface FuzzTarget {
  readonly name: string;
  readonly make: (random: Random) => Buffer;
  readonly run: (bytes: Buffer) => void;
}

const requireRejection = ({ code, detail }: Rejection): void => {
  if (!Object.hasOwn(rejections, code)) throw new Error(`a refusal without a row in the table: ${code}`);
  if (typeof detail !== 'string' || detail.length > 1_000)
    throw new Error('a refusal whose detail is no short sentence');
};

const requireSame = (one: Uint8Array, other: Uint8Array, what: string): void => {
  if (!Buffer.from(one).equals(Buffer.from(other))) throw new Error(`${what} does not re-encode to itself`);
};

const mutateDraft = (draft: BeefDraft, random: Random, mutations: typeof beforeSigning): void => {
  for (let count = random.pick([0, 0, 1, 2]); count > 0; count--) random.pick(mutations).apply(draft, random);
};

const makeBeef = (random: Random): Buffer => {
  const { draft, unlocks } = buildShape(random.pick(shapeNames), random, random.chance(2));
  mutateDraft(draft, random, beforeSigning);
  signDraft(draft, unlocks);
  mutateDraft(draft, random, afterSigning);
  return encodeBeef(draft).bytes;
};

const context = { tipHeight: TIP_HEIGHT, medianTimePast: MEDIAN_TIME_PAST };

const runRead = (bytes: Buffer): void => {
  const scanned = scanBeef(bytes);
  if (!scanned.ok) return requireRejection(scanned.rejection);
  const read = readBeef(scanned.value);
  if (!read.ok) return requireRejection(read.rejection);
  requireSame(reencodeBeef(bytes), bytes, 'an accepted BEEF');
};

const runJudge = (bytes: Buffer): void => {
  const verdict = judgeBeef(bytes, () => true, context);
  if (!verdict.ok) return requireRejection(verdict.rejection);
  requireSame(reencodeBeef(bytes), bytes, 'an accepted BEEF');
  for (const { raw, txid } of verdict.value.transactions)
    if (sha256d(raw).reverse().toString('hex') !== txid) throw new Error('an opened transaction is not its txid');
};

/** The first of these is the txid that the rest is asked about. */
const runBump = (bytes: Buffer): void => {
  const txid = Buffer.from(bytes.subarray(0, 32)).reverse().toString('hex').padStart(64, '0') as Txid;
  const verified = verifyBump(bytes.subarray(32), txid);
  if (!verified.ok) return requireRejection(verified.rejection);
  const { height, root, bytes: own } = verified.value;
  const again = verifyBump(own, txid);
  if (!again.ok || again.value.root !== root || again.value.height !== height)
    throw new Error('a cut path leads elsewhere');
  requireSame(again.value.bytes, own, 'a cut path');
};

const makeBump = (random: Random): Buffer => {
  const leaves = Array.from({ length: random.between(1, 12) }, () => buildFunding([{ satoshis: 1 }], random.next()));
  const named = [...new Set(Array.from({ length: random.between(1, 4) }, () => random.below(leaves.length)))];
  const [first = 0] = named;
  const txid = Buffer.from(leaves[first]?.txid ?? '', 'hex').reverse();
  return Buffer.concat([txid, buildBlock(random.below(1_000_000), leaves).bump(...named)]);
};

const runTransaction = (bytes: Buffer): void => {
  const read = readTransaction(bytes);
  if (!read.ok) return requireRejection(read.rejection);
  requireSame(reencodeTransaction(bytes), bytes, 'an accepted transaction');
  requireSame(read.value.raw, bytes, 'a transaction that was read');
};

const makeTransaction = (random: Random): Buffer => {
  const { draft, unlocks } = buildShape(random.pick(shapeNames), random, true);
  signDraft(draft, unlocks);
  const beef = encodeBeef({ ...draft, kind: 'V2', bumps: [], entries: draft.entries.slice(-1) }).bytes;
  return beef.subarray(4 + 1 + 1 + 1);
};

const runExtended = (bytes: Buffer): void => {
  const read = readExtendedFormat(bytes);
  if (!read.ok) return requireRejection(read.rejection);
  const { transaction, parentOutputs } = read.value;
  requireSame(reencodeExtended(bytes), bytes, 'an accepted Extended Format');
  requireSame(writeExtendedFormat(transaction, parentOutputs), bytes, 'an Extended Format that was read');
};

const makeExtended = (random: Random): Buffer => {
  const raw = makeTransaction(random);
  const read = readTransaction(raw);
  // A proven subject leaves the number of its BUMP before its bytes.
  if (!read.ok) return raw;
  const parentOutputs = read.value.inputs.map(() => ({
    satoshis: random.between(0, 2 ** 32),
    lockingScript: random.bytes(random.pick([0, 25, 252, 253])),
  }));
  return Buffer.from(writeExtendedFormat(read.value, parentOutputs));
};

const runHeader = (bytes: Buffer): void => {
  const header = readHeader(bytes);
  if (header === undefined) return;
  if (bytes.length !== 80) throw new Error('a header of another size is read');
  requireSame(writeHeader(header), bytes, 'a header');
};

const runPayment = (bytes: Buffer): void => {
  const read = readPayment(bytes.toString('latin1'));
  if (!read.ok) return requireRejection(read.rejection);
  if (read.value.transaction[0] !== 1) throw new Error('a payment that is no Atomic BEEF is read');
};

const makePayment = (random: Random): Buffer => {
  const transaction = Buffer.concat([Buffer.of(1, 1, 1, 1), random.bytes(random.below(60))]).toString('base64');
  const text = (length: number): string => random.bytes(length).toString('base64');
  return Buffer.from(JSON.stringify({ derivationPrefix: text(24), derivationSuffix: text(24), transaction }), 'latin1');
};

const parseJson = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};

const runHandshake = (bytes: Buffer): void => {
  const read = readAuthMessage(parseJson(bytes));
  if (!read.ok) requireRejection(read.rejection);
};

const runCertificate = (bytes: Buffer): void => {
  const read = readCertificate(parseJson(bytes));
  if (!read.ok) requireRejection(read.rejection);
};

const makeCertificate = (random: Random): Buffer => {
  const text = (length: number): string => random.bytes(length).toString('base64');
  const key = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
  return Buffer.from(
    JSON.stringify({
      ...{ type: text(32), serialNumber: text(32), subject: key, certifier: key, signature: '30'.repeat(70) },
      revocationOutpoint: `${random.bytes(32).toString('hex')}.${random.below(9)}`,
      fields: { name: text(48 + random.below(50)), role: text(60) },
      keyring: { name: text(80) },
    }),
  );
};

const makeHandshake = (random: Random): Buffer =>
  Buffer.from(
    JSON.stringify({
      version: '0.1',
      messageType: 'initialRequest',
      identityKey: '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
      initialNonce: random.bytes(48).toString('base64'),
    }),
  );

export const targets: readonly FuzzTarget[] = [
  { name: 'read', make: makeBeef, run: runRead },
  { name: 'judge', make: makeBeef, run: runJudge },
  { name: 'bump', make: makeBump, run: runBump },
  { name: 'transaction', make: makeTransaction, run: runTransaction },
  { name: 'extended', make: makeExtended, run: runExtended },
  { name: 'header', make: (random) => random.bytes(random.pick([79, 80, 80, 81])), run: runHeader },
  { name: 'payment', make: makePayment, run: runPayment },
  { name: 'handshake', make: makeHandshake, run: runHandshake },
  { name: 'certificate', make: makeCertificate, run: runCertificate },
];

/** Some damage, on whatever it is. */
export const mutate = (bytes: Buffer, other: Buffer, random: Random): Buffer => {
  let mutated = bytes;
  for (let count = random.between(1, 3); count > 0 && mutated.length > 0 && other.length > 0; count--)
    mutated = random.pick(byteMutations).apply(mutated, random, other);
  return mutated;
};
