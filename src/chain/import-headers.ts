import { HEADER_BYTES, readHeader } from '#atomic-core';
import type { NetworkName } from '#atomic-core';
import type { DataSource } from 'typeorm';
import { findChainRoot } from './chain-root';
import { HeaderStore } from './header-store';
import { HeaderFileError, readHeaderFile } from './read-header-file';

export interface HeaderImport {
  readonly file: string;
  readonly network: NetworkName;
  /** `height:hash` of the file's first header, when the store does not have its parent. */
  readonly checkpoint?: string | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface HeaderImported {
  readonly headers: number;
  /** Of them, how many the store had already. */
  readonly known: number;
  readonly height: number;
  readonly hash: string;
}

const CHECKPOINT = /^\d{1,9}:[0-9a-f]{64}$/u;

const advice = (fault: string): string =>
  fault === 'parent-unknown'
    ? 'The parent of this header is not in the store; name the header with --checkpoint height:hash'
    : `This header is refused: ${fault}`;

const knowsLast = async (store: HeaderStore, batch: readonly Buffer[]): Promise<boolean> => {
  const last = batch.at(-1);
  const hash = last && readHeader(last)?.hash;
  return hash !== undefined && (await store.findHeader(hash)) !== undefined;
};

/** A known last header proves nothing of those before it in the file, unless each is the parent of the next. */
const isLinked = (batch: readonly Buffer[]): boolean =>
  batch.every((bytes, index) => {
    const next = batch[index + 1];
    return next === undefined || readHeader(next)?.prevHash === readHeader(bytes)?.hash;
  });

const storeBatch = async (store: HeaderStore, batch: readonly Buffer[], offset: number): Promise<number> => {
  if (isLinked(batch) && (await knowsLast(store, batch))) return batch.length;
  const { fault } = await store.insert(batch);
  if (fault) throw new HeaderFileError(advice(fault.fault), offset + fault.index * HEADER_BYTES);
  return 0;
};

/** `height:hash`, as the command line and the configuration name a checkpoint. */
export const requireCheckpoint = (checkpoint: string | undefined): void => {
  if (checkpoint === undefined || CHECKPOINT.test(checkpoint)) return;
  throw new HeaderFileError('The checkpoint must be height:hash', 0);
};

/**
 * Brings a file of concatenated 80-byte headers into the store, each checked as if a source had sent it. Interrupted, it goes on where it stopped
 * when started again.
 */
export const importHeaders = async (database: DataSource, order: HeaderImport): Promise<HeaderImported> => {
  requireCheckpoint(order.checkpoint);
  const store = new HeaderStore(database, order.network, findChainRoot(order.network, order.checkpoint));
  let done = 0;
  let known = 0;
  let last: Buffer | undefined;
  for await (const { headers, offset, total } of readHeaderFile(order.file)) {
    known += await storeBatch(store, headers, offset);
    done += headers.length;
    last = headers.at(-1);
    order.onProgress?.(done, total);
  }
  const stored = last && (await store.findHeader(readHeader(last)?.hash ?? ''));
  if (!stored) throw new HeaderFileError('The last header was not stored', (done - 1) * HEADER_BYTES);
  return { headers: done, known, height: stored.height, hash: stored.hash };
};
