import { open, type FileHandle } from 'node:fs/promises';
import { HEADER_BYTES, readHeader } from '#atomic-core';
import type { NetworkName } from '#atomic-core';
import type { DataSource } from 'typeorm';
import { findChainRoot } from './chain-root';
import { HeaderStore } from './header-store';

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

/** The file is not a chain of this network from `offset` on. What came before it is stored. */
export class HeaderImportError extends Error {
  override readonly name = 'HeaderImportError';

  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(`${message} (at byte ${offset} of the file)`);
  }
}

const BATCH_HEADERS = 2000;
const CHECKPOINT = /^\d{1,9}:[0-9a-f]{64}$/u;

const advice = (fault: string): string =>
  fault === 'parent-unknown'
    ? 'The parent of this header is not in the store; name the header with --checkpoint height:hash'
    : `This header is refused: ${fault}`;

const readBatch = async (handle: FileHandle, offset: number, sizeBytes: number): Promise<Buffer[]> => {
  const { buffer, bytesRead } = await handle.read({
    buffer: Buffer.alloc(Math.min(BATCH_HEADERS * HEADER_BYTES, sizeBytes - offset)),
    position: offset,
  });
  const count = Math.floor(bytesRead / HEADER_BYTES);
  return Array.from({ length: count }, (_, index) => buffer.subarray(index * HEADER_BYTES, (index + 1) * HEADER_BYTES));
};

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
  if (fault) throw new HeaderImportError(advice(fault.fault), offset + fault.index * HEADER_BYTES);
  return 0;
};

const importFrom = async (handle: FileHandle, store: HeaderStore, order: HeaderImport): Promise<HeaderImported> => {
  const { size } = await handle.stat();
  if (size === 0) throw new HeaderImportError('The file is empty', 0);
  const total = Math.floor(size / HEADER_BYTES);
  let known = 0;
  let last: Buffer | undefined;
  for (let done = 0; done < total;) {
    const batch = await readBatch(handle, done * HEADER_BYTES, total * HEADER_BYTES);
    if (batch.length === 0)
      throw new HeaderImportError('The file became shorter while it was read', done * HEADER_BYTES);
    known += await storeBatch(store, batch, done * HEADER_BYTES);
    done += batch.length;
    last = batch.at(-1);
    order.onProgress?.(done, total);
  }
  // Said last: everything whole in the file is in the store by now.
  if (size % HEADER_BYTES !== 0) throw new HeaderImportError('The file ends within a header', total * HEADER_BYTES);
  const stored = last && (await store.findHeader(readHeader(last)?.hash ?? ''));
  if (!stored) throw new HeaderImportError('The last header was not stored', (total - 1) * HEADER_BYTES);
  return { headers: total, known, height: stored.height, hash: stored.hash };
};

/**
 * Brings a file of concatenated 80-byte headers into the store, each checked as if a source had sent it. Interrupted, it goes on where it stopped
 * when started again.
 */
export const importHeaders = async (database: DataSource, order: HeaderImport): Promise<HeaderImported> => {
  if (order.checkpoint !== undefined && !CHECKPOINT.test(order.checkpoint)) {
    throw new HeaderImportError('The checkpoint must be height:hash', 0);
  }
  const store = new HeaderStore(database, order.network, findChainRoot(order.network, order.checkpoint));
  const handle = await open(order.file, 'r');
  try {
    return await importFrom(handle, store, order);
  } finally {
    await handle.close();
  }
};
