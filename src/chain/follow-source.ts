import { readHeader } from '#atomic-core';
import type { HeaderInsertion } from '#ledger';
import type { HeaderSource } from '#ports';
import { genesisHeader } from './chain-root';
import type { HeaderStore } from './header-store';

/** What became of one look at one source. */
export interface SourceReport {
  readonly source: string;
  /** agrees: its tip is on our best chain. differs: it follows another chain that has no more work. wrong: it sent headers that do not hold. */
  readonly verdict: 'agrees' | 'differs' | 'wrong' | 'unreachable';
  readonly detail: string;
  readonly tipHeight: number | undefined;
  readonly orphaned: readonly string[];
}

const BATCH_HEADERS = 2000;
/** A source that parts from us deeper than this is on another network, or its data was deleted; it is reported, not followed. */
const FORK_DEPTH_MAX = 1000;

class SourceDiffers extends Error {}

interface Follower {
  readonly source: HeaderSource;
  readonly store: HeaderStore;
  readonly signal: AbortSignal;
}

interface Meeting {
  /** Headers of the source from the first one that we do not have; its parent we do. */
  readonly headers: readonly Uint8Array[];
  /** Height of the first of them. */
  readonly height: number;
  /** The last header of the source that we had already. */
  readonly hash: string | undefined;
}

const fetchRun = async ({ source, signal }: Follower, height: number, tip: number): Promise<readonly Uint8Array[]> => {
  const headers = await source.fetchHeaders(height, Math.max(1, Math.min(BATCH_HEADERS, tip - height + 1)), signal);
  if (headers.length === 0) throw new Error(`it has no header at height ${height}, below its own tip ${tip}`);
  return headers;
};

/** Steps back, twice as far each time, until the source names a header that we have. */
const findMeeting = async (follower: Follower, tip: number): Promise<Meeting> => {
  const { store } = follower;
  const ours = (await store.findTip())?.height;
  const lowest = (await store.findLowestHeight()) ?? store.root.height;
  const start = Math.min(ours ?? lowest, tip);
  if (start < lowest) throw new SourceDiffers(`its tip ${tip} is below our first header ${lowest}`);
  for (let height = start, step = 1; ; height = Math.max(lowest, height - step), step *= 2) {
    const headers = await fetchRun(follower, height, tip);
    const hash = headers[0] && readHeader(headers[0])?.hash;
    if (hash !== undefined && (await store.findHeader(hash)))
      return { headers: headers.slice(1), height: height + 1, hash };
    if (hash === store.root.hash) return { headers, height, hash: undefined };
    if (height === lowest || start - height >= FORK_DEPTH_MAX) {
      throw new SourceDiffers(`it has another chain from height ${height} on or lower; was its data deleted?`);
    }
  }
};

interface Progress {
  hash: string | undefined;
  readonly orphaned: string[];
}

const storeRun = async (
  follower: Follower,
  headers: readonly Uint8Array[],
  progress: Progress,
): Promise<HeaderInsertion> => {
  const inserted = await follower.store.insert(headers);
  progress.orphaned.push(...inserted.orphaned);
  const last = inserted.accepted > 0 ? headers[inserted.accepted - 1] : undefined;
  progress.hash = (last && readHeader(last)?.hash) ?? progress.hash;
  return inserted;
};

/** Takes everything the source has that we have not. Returns why it stopped, if it did not reach the source's tip. */
const takeHeaders = async (follower: Follower, tip: number, progress: Progress): Promise<string | undefined> => {
  const meeting = await findMeeting(follower, tip);
  progress.hash = meeting.hash;
  let { headers, height } = meeting;
  while (headers.length > 0) {
    // A source that repeats what we have would never be refused and never end.
    const first = headers[0] && readHeader(headers[0]);
    if (progress.hash !== undefined && first?.prevHash !== progress.hash)
      return `its header at height ${height} does not follow the one before`;
    const { fault } = await storeRun(follower, headers, progress);
    if (fault) return `its header at height ${height + fault.index} is refused: ${fault.fault}`;
    height += headers.length;
    headers = height <= tip ? await fetchRun(follower, height, tip) : [];
  }
  return undefined;
};

/** Faults of the database are thrown; whatever the source does is a report. */
export const followSource = async (
  source: HeaderSource,
  store: HeaderStore,
  signal: AbortSignal,
): Promise<SourceReport> => {
  const progress: Progress = { hash: undefined, orphaned: [] };
  const report = (verdict: SourceReport['verdict'], detail: string, tipHeight?: number): SourceReport => ({
    source: source.name,
    verdict,
    detail,
    tipHeight,
    orphaned: progress.orphaned,
  });
  let tipHeight: number | undefined;
  try {
    tipHeight = await source.fetchTipHeight(signal);
    const wrong = await takeHeaders({ source, store, signal }, tipHeight, progress);
    if (wrong !== undefined) return report('wrong', wrong, tipHeight);
  } catch (cause) {
    if (isDatabaseFault(cause)) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    return report(cause instanceof SourceDiffers ? 'differs' : 'unreachable', detail, tipHeight);
  }
  const last = progress.hash === undefined ? undefined : await store.findHeader(progress.hash);
  if (last?.isBest) return report('agrees', `at height ${tipHeight}`, tipHeight);
  return report('differs', `its chain at height ${tipHeight} has no more work than ours`, tipHeight);
};

const isDatabaseFault = (cause: unknown): boolean => cause instanceof Error && 'driverError' in cause;

/** A store without a header begins with the genesis block; a checkpoint's header has to come from a source or a file. */
export const plantGenesis = async (store: HeaderStore): Promise<void> => {
  if (store.root.height !== 0 || (await store.findTip())) return;
  await store.insert([genesisHeader(store.network)]);
};
