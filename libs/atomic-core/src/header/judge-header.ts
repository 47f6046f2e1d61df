import { type BlockHeader, readHeader } from './block-header';
import { targetOf, workOf } from './compact-bits';
import type { NetworkParams } from './network-params';
import {
  type ChainedHeader,
  type HeaderHistory,
  MEDIAN_BLOCKS,
  medianTimePast,
  nextWorkRequired,
} from './next-work-required';

/** Why a header is no header of this chain. Not a rejection: headers come from sources, never from callers. */
export type HeaderFault =
  | 'size'
  | 'linkage'
  | 'bits-invalid'
  | 'proof-of-work'
  | 'difficulty'
  | 'time-too-old'
  | 'time-too-new'
  | 'not-the-root';

export interface AcceptedHeader extends ChainedHeader {
  readonly header: BlockHeader;
}

export type HeaderVerdict =
  { readonly ok: true; readonly accepted: AcceptedHeader } | { readonly ok: false; readonly fault: HeaderFault };

/** Consensus: two hours ahead of the clock. */
export const FUTURE_SECONDS_MAX = 7200;
/**
 * Just after a checkpoint the difficulty rule lacks its 147 headers. Until then bits may be up to this many times easier than the checkpoint's:
 * four times is more than the real rule has ever moved in a day, and a forger still pays a quarter of the network's work for each header.
 */
export const CUT_HISTORY_EASING_MAX = 4n;

const refuse = (fault: HeaderFault): HeaderVerdict => ({ ok: false, fault });

/** The hash is below the target that the bits stand for, and that target is one of this network. */
export const checkProofOfWork = (header: BlockHeader, params: NetworkParams): boolean => {
  const target = targetOf(header.bits);
  return target !== undefined && target <= params.powLimit && BigInt(`0x${header.hash}`) <= target;
};

const acceptHeader = (header: BlockHeader, height: number, workBefore: bigint): HeaderVerdict => ({
  ok: true,
  accepted: {
    header,
    height,
    hash: header.hash,
    time: header.time,
    bits: header.bits,
    chainWork: workBefore + (workOf(header.bits) ?? 0n),
  },
});

/** The first header of a store: the genesis block or a checkpoint, named by its hash. Its work counts from here. */
export const judgeRootHeader = (
  params: NetworkParams,
  bytes: Uint8Array,
  root: { height: number; hash: string },
): HeaderVerdict => {
  const header = readHeader(bytes);
  if (!header) return refuse('size');
  if (header.hash !== root.hash) return refuse('not-the-root');
  return checkProofOfWork(header, params) ? acceptHeader(header, root.height, 0n) : refuse('proof-of-work');
};

const isWithinBounds = (params: NetworkParams, history: HeaderHistory, bits: number): boolean => {
  const target = targetOf(bits);
  const oldest = history[0] && targetOf(history[0].bits);
  if (target === undefined || oldest === undefined || target > params.powLimit) return false;
  return params.minDifficultyAllowed || target <= oldest * CUT_HISTORY_EASING_MAX;
};

const hasRequiredBits = (params: NetworkParams, history: HeaderHistory, header: BlockHeader): boolean => {
  const required = nextWorkRequired(params, history, header.time);
  return required === undefined ? isWithinBounds(params, history, header.bits) : header.bits === required;
};

/** With fewer than eleven headers after a checkpoint the median is not known, and blocks may well be older than their parent. */
const isBeforeMedian = (history: HeaderHistory, time: number): boolean => {
  const known = history.length >= MEDIAN_BLOCKS || history[0]?.height === 0;
  return known && time <= medianTimePast(history);
};

/**
 * Whether `bytes` are the header that follows `history` (oldest first, at least one). `nowSeconds` is the caller's clock for the future limit.
 */
export const judgeHeader = (
  params: NetworkParams,
  history: HeaderHistory,
  bytes: Uint8Array,
  nowSeconds: number,
): HeaderVerdict => {
  const header = readHeader(bytes);
  if (!header) return refuse('size');
  const parent = history.at(-1);
  if (parent?.hash !== header.prevHash) return refuse('linkage');
  if (targetOf(header.bits) === undefined) return refuse('bits-invalid');
  // Before the rules that need bigint arithmetic over the history: junk must be cheap to refuse.
  if (!checkProofOfWork(header, params)) return refuse('proof-of-work');
  if (!hasRequiredBits(params, history, header)) return refuse('difficulty');
  if (isBeforeMedian(history, header.time)) return refuse('time-too-old');
  if (header.time > nowSeconds + FUTURE_SECONDS_MAX) return refuse('time-too-new');
  return acceptHeader(header, parent.height + 1, parent.chainWork);
};
