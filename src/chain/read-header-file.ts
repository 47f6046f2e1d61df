import { open, type FileHandle } from 'node:fs/promises';
import { HEADER_BYTES } from '#atomic-core';

/** The file is not a chain of this network from `offset` on. What came before it is good. */
export class HeaderFileError extends Error {
  override readonly name = 'HeaderFileError';

  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(`${message} (at byte ${offset} of the file)`);
  }
}

export interface HeaderFileBatch {
  /** 80 bytes each, in the order of the file. */
  readonly headers: readonly Buffer[];
  /** Of the first of them. */
  readonly offset: number;
  /** Headers in the whole file. */
  readonly total: number;
}

const BATCH_HEADERS = 2000;

const readBatch = async (handle: FileHandle, offset: number, sizeBytes: number): Promise<Buffer[]> => {
  const { buffer, bytesRead } = await handle.read({
    buffer: Buffer.alloc(Math.min(BATCH_HEADERS * HEADER_BYTES, sizeBytes - offset)),
    position: offset,
  });
  const count = Math.floor(bytesRead / HEADER_BYTES);
  return Array.from({ length: count }, (_, index) => buffer.subarray(index * HEADER_BYTES, (index + 1) * HEADER_BYTES));
};

/**
 * Concatenated 80-byte headers, some at a time: a file of a whole chain is 76 MB and need not be in memory. What is wrong with the file itself is thrown
 * after everything whole in it was handed out.
 */
export async function* readHeaderFile(file: string): AsyncGenerator<HeaderFileBatch, void, void> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size === 0) throw new HeaderFileError('The file is empty', 0);
    const total = Math.floor(size / HEADER_BYTES);
    for (let done = 0; done < total;) {
      const offset = done * HEADER_BYTES;
      const headers = await readBatch(handle, offset, total * HEADER_BYTES);
      if (headers.length === 0) throw new HeaderFileError('The file became shorter while it was read', offset);
      yield { headers, offset, total };
      done += headers.length;
    }
    if (size % HEADER_BYTES !== 0) throw new HeaderFileError('The file ends within a header', total * HEADER_BYTES);
  } finally {
    await handle.close();
  }
}
