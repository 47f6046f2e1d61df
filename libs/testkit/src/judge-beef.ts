import {
  type AncestryContext,
  type RejectionCode,
  type Result,
  type VerifiedTransaction,
  accept,
  listRoots,
  openVerified,
  readBeef,
  scanBeef,
  verifyAncestry,
  verifyScripts,
} from '#atomic-core';

/** What the chain would answer: is this the root of the block at this height? */
export type RootOracle = (height: number, root: string) => boolean;

const CONTEXT: AncestryContext = { tipHeight: 2_000_000, medianTimePast: 1_795_000_000, network: 'devnet' };

/** The whole of the core, in its order, as the worker pool runs it. */
export const judgeBeef = (
  bytes: Uint8Array,
  isRoot: RootOracle,
  context: Partial<AncestryContext> = {},
): Result<VerifiedTransaction> => {
  const scanned = scanBeef(bytes);
  if (!scanned.ok) return scanned;
  const read = readBeef(scanned.value);
  if (!read.ok) return read;
  const ancestry = verifyAncestry(read.value, { ...CONTEXT, ...context });
  if (!ancestry.ok) return ancestry;
  for (const { height, root } of listRoots(read.value)) {
    if (!isRoot(height, root))
      return { ok: false, rejection: { code: 'proof-root-invalid', detail: `${root} at ${height}` } };
  }
  const verified = verifyScripts(ancestry.value);
  return verified.ok ? accept(openVerified(verified.value)) : verified;
};

/** The code of the refusal, or `accepted`. */
export const verdictOf = (result: Result<unknown>): RejectionCode | 'accepted' =>
  result.ok ? 'accepted' : result.rejection.code;

export const flipBit = (bytes: Uint8Array, bit: number): Buffer => {
  const flipped = Buffer.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
};

/** Every single-bit flip and every strict prefix of `bytes` that was accepted: should be none. */
export const findAcceptedDamage = (bytes: Uint8Array, isRoot: RootOracle): string[] => {
  const accepted: string[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    if (judgeBeef(flipBit(bytes, bit), isRoot).ok) accepted.push(`bit ${bit}`);
  }
  for (let length = 0; length < bytes.length; length++) {
    if (judgeBeef(bytes.subarray(0, length), isRoot).ok) accepted.push(`prefix ${length}`);
  }
  return accepted;
};
