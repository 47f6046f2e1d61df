import { bitsOf, targetOf } from './compact-bits';
import { DAA_BLOCKS, type NetworkParams, RETARGET_BLOCKS, SPACING_SECONDS } from './network-params';

/** What the rules need to know of a header that was checked before. */
export interface ChainedHeader {
  readonly hash: string;
  readonly height: number;
  readonly time: number;
  readonly bits: number;
  /** Work of this header and all before it, back to the first one we hold. */
  readonly chainWork: bigint;
}

/** Consecutive headers, oldest first; the last one is the parent of the header in question. */
export type HeaderHistory = readonly ChainedHeader[];

export const MEDIAN_BLOCKS = 11;
const EMERGENCY_BLOCKS = 6;
const EMERGENCY_SECONDS = 12 * 3600;
const WORK_LIMIT = 1n << 256n;

/** Headers below the parent that a rule may look at; the caller should hold this many where the chain has them. */
export const historyNeeded = (params: NetworkParams, parentHeight: number): number => {
  if (!params.retargets) return MEDIAN_BLOCKS;
  return parentHeight >= params.daaParentHeight ? DAA_BLOCKS + 3 : RETARGET_BLOCKS;
};

/** BIP113: the median of the last eleven times. Where fewer are held, of those. */
export const medianTimePast = (history: HeaderHistory): number => {
  const times = history.slice(-MEDIAN_BLOCKS).map(({ time }) => time);
  return times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
};

const headerBelow = (history: HeaderHistory, depth: number): ChainedHeader | undefined => history.at(-1 - depth);

const limit = (params: NetworkParams, target: bigint): number =>
  target > params.powLimit ? params.powLimitBits : bitsOf(target);

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

/** Every 2016 blocks: the old target times the time they took over two weeks, by a factor of four at most. */
const retarget = (params: NetworkParams, history: HeaderHistory): number | undefined => {
  const parent = headerBelow(history, 0);
  const first = headerBelow(history, RETARGET_BLOCKS - 1);
  const target = parent && targetOf(parent.bits);
  if (!parent || !first || target === undefined) return undefined;
  const twoWeeks = RETARGET_BLOCKS * SPACING_SECONDS;
  // 2015 intervals measured against 2016: Bitcoin's oldest off-by-one, and consensus.
  const taken = clamp(parent.time - first.time, twoWeeks / 4, twoWeeks * 4);
  return limit(params, (target * BigInt(taken)) / BigInt(twoWeeks));
};

/** Testnet: the last bits that were not lowered because nobody mined. */
const lastRegularBits = (params: NetworkParams, history: HeaderHistory): number | undefined => {
  for (let depth = 0; depth < RETARGET_BLOCKS; depth += 1) {
    const header = headerBelow(history, depth);
    if (!header) return undefined;
    if (header.height % RETARGET_BLOCKS === 0 || header.bits !== params.powLimitBits) return header.bits;
  }
  return undefined;
};

/** August 2017: six blocks slower than twelve hours make the next target a quarter larger. */
const emergency = (params: NetworkParams, history: HeaderHistory, parent: ChainedHeader): number | undefined => {
  const target = targetOf(parent.bits);
  if (history.length < EMERGENCY_BLOCKS + MEDIAN_BLOCKS || target === undefined) return undefined;
  const taken = medianTimePast(history) - medianTimePast(history.slice(0, -EMERGENCY_BLOCKS));
  return taken < EMERGENCY_SECONDS ? parent.bits : limit(params, target + (target >> 2n));
};

/** The rule of 2009, with the emergency rule of 2017 while that was on. */
const originalRule = (params: NetworkParams, history: HeaderHistory, time: number): number | undefined => {
  const parent = headerBelow(history, 0);
  if (!parent) return undefined;
  if ((parent.height + 1) % RETARGET_BLOCKS === 0) return retarget(params, history);
  if (params.minDifficultyAllowed) {
    return time > parent.time + 2 * SPACING_SECONDS ? params.powLimitBits : lastRegularBits(params, history);
  }
  if (parent.bits === params.powLimitBits || parent.height < params.emergencyParentHeight) return parent.bits;
  return emergency(params, history, parent);
};

const swapIfLater = (headers: [ChainedHeader, ChainedHeader, ChainedHeader], left: 0 | 1, right: 1 | 2): void => {
  const [before, after] = [headers[left], headers[right]];
  if (before.time > after.time) [headers[left], headers[right]] = [after, before];
};

/** The median by time of three blocks, so that one false timestamp moves nothing. The node's sorting network, for its way with ties. */
const suitableHeader = (history: HeaderHistory, depth: number): ChainedHeader | undefined => {
  const oldest = headerBelow(history, depth + 2);
  const middle = headerBelow(history, depth + 1);
  const newest = headerBelow(history, depth);
  if (!oldest || !middle || !newest) return undefined;
  const headers: [ChainedHeader, ChainedHeader, ChainedHeader] = [oldest, middle, newest];
  swapIfLater(headers, 0, 2);
  swapIfLater(headers, 0, 1);
  swapIfLater(headers, 1, 2);
  return headers[1];
};

/** November 2017: the work of the last day over the time it took, clamped to half a day and two days. */
const daaRule = (params: NetworkParams, history: HeaderHistory, time: number): number | undefined => {
  const parent = headerBelow(history, 0);
  if (params.minDifficultyAllowed && parent && time > parent.time + 2 * SPACING_SECONDS) return params.powLimitBits;
  const last = suitableHeader(history, 0);
  const first = suitableHeader(history, DAA_BLOCKS);
  if (!last || !first) return undefined;
  const taken = clamp(last.time - first.time, (DAA_BLOCKS / 2) * SPACING_SECONDS, DAA_BLOCKS * 2 * SPACING_SECONDS);
  const work = ((last.chainWork - first.chainWork) * BigInt(SPACING_SECONDS)) / BigInt(taken);
  // A day without work cannot be: every header has some. The guard keeps a caller's bad history from dividing by zero.
  if (work <= 0n) return undefined;
  return limit(params, (WORK_LIMIT - work) / work);
};

/**
 * The bits that the block after `history` must have at `time`. Undefined where the history held is too short to tell, as it is for a day of blocks
 * after a checkpoint; `judgeHeader` then falls back to bounds.
 */
export const nextWorkRequired = (params: NetworkParams, history: HeaderHistory, time: number): number | undefined => {
  const parent = history.at(-1);
  if (!parent || !params.retargets) return parent?.bits ?? params.powLimitBits;
  return parent.height >= params.daaParentHeight ? daaRule(params, history, time) : originalRule(params, history, time);
};
