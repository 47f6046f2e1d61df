import { HEADER_BYTES, historyNeeded, judgeHeader, judgeRootHeader, medianTimePast, networkParams } from '#atomic-core';
import type { AcceptedHeader, HeaderVerdict, NetworkName, NetworkParams } from '#atomic-core';
import type { ChainTip } from '#ports';
import { findChainRoot, type ChainRoot } from './chain-root';
import { requireCheckpoint } from './import-headers';
import { HeaderFileError, readHeaderFile } from './read-header-file';

export interface HeaderFileCheck {
  readonly file: string;
  readonly network: NetworkName;
  /** `height:hash` of the file's first header; without one the file begins with the genesis block. */
  readonly checkpoint?: string | undefined;
  /** The heights whose blocks are wanted. Nothing else of the file is kept. */
  readonly heights: ReadonlySet<number>;
  readonly nowSeconds: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CheckedBlock {
  readonly hash: string;
  readonly merkleRoot: string;
}

export interface CheckedChain {
  readonly headers: number;
  readonly tip: ChainTip;
  /** Hashes that these headers took to find, on the average. */
  readonly work: bigint;
  /** The wanted blocks that the file has, by height. */
  readonly blocks: ReadonlyMap<number, CheckedBlock>;
}

/** Headers kept beyond those that the rules look at, so that the window is cut once in a while and not at each header. */
const WINDOW_SLACK = 4_096;

/** The last headers of a growing chain, as far back as its rules look. */
class HeaderWindow {
  private readonly history: AcceptedHeader[] = [];

  constructor(
    private readonly params: NetworkParams,
    private readonly root: ChainRoot,
    private readonly nowSeconds: number,
  ) {}

  get last(): AcceptedHeader | undefined {
    return this.history.at(-1);
  }

  get medianTimePast(): number {
    return medianTimePast(this.history);
  }

  add(bytes: Uint8Array): HeaderVerdict {
    const { params, history, root, last } = this;
    const verdict =
      last === undefined ? judgeRootHeader(params, bytes, root) : judgeHeader(params, history, bytes, this.nowSeconds);
    if (!verdict.ok) return verdict;
    const needed = historyNeeded(params, last?.height ?? root.height);
    if (history.length > needed + WINDOW_SLACK) history.splice(0, history.length - needed);
    history.push(verdict.accepted);
    return verdict;
  }
}

const advice = (fault: string): string =>
  fault === 'not-the-root'
    ? 'The file begins neither with the genesis block of this network nor with the header of --checkpoint height:hash'
    : `This header is refused: ${fault}`;

/**
 * Walks a file of concatenated 80-byte headers as a chain: linkage, proof of work, difficulty and time of every one of them, by the rules that the header
 * store goes by. Memory does not grow with the file.
 */
export const checkHeaderFile = async (order: HeaderFileCheck): Promise<CheckedChain> => {
  requireCheckpoint(order.checkpoint);
  const root = findChainRoot(order.network, order.checkpoint);
  const window = new HeaderWindow(networkParams[order.network], root, order.nowSeconds);
  const blocks = new Map<number, CheckedBlock>();
  let done = 0;
  for await (const { headers, offset, total } of readHeaderFile(order.file)) {
    for (const [index, bytes] of headers.entries()) {
      const verdict = window.add(bytes);
      if (!verdict.ok) throw new HeaderFileError(advice(verdict.fault), offset + index * HEADER_BYTES);
      const { height, hash, header } = verdict.accepted;
      if (order.heights.has(height)) blocks.set(height, { hash, merkleRoot: header.merkleRoot });
    }
    done += headers.length;
    order.onProgress?.(done, total);
  }
  const { last } = window;
  if (last === undefined) throw new HeaderFileError('The file holds no header', 0);
  const tip = { height: last.height, hash: last.hash, medianTimePast: window.medianTimePast };
  return { headers: done, tip, work: last.chainWork, blocks };
};
