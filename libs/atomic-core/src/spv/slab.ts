/** Memory of this size is kept: what the largest BEEF folds in, with room. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Memory that one thread folds in again and again. Memory that the system has to map anew for each fold costs a large BUMP more than its hashes do, and as
 * unevenly as the collector runs. Whoever borrows it MUST keep nothing that lies in it.
 */
export class SlabMemory {
  private kept = new ArrayBuffer(0);
  private isLent = false;

  /** Runs `act` with the memory, which is zeroed for each slab that is cut from it. A second borrower at the same time gets memory of its own. */
  lend<T>(act: (allocate: Allocate) => T): T {
    if (this.isLent) return act(allocateAnew);
    this.isLent = true;
    let isCut = false;
    try {
      return act((byteCount) => {
        if (isCut || byteCount > KEPT_BYTES_MAX) return allocateAnew(byteCount);
        isCut = true;
        return this.clear(byteCount);
      });
    } finally {
      this.isLent = false;
    }
  }

  private clear(byteCount: number): ArrayBuffer {
    if (this.kept.byteLength < byteCount) this.kept = new ArrayBuffer(byteCount);
    else new Uint8Array(this.kept, 0, byteCount).fill(0);
    return this.kept;
  }
}

/** Zeroed memory of at least so many bytes. */
export type Allocate = (byteCount: number) => ArrayBuffer;

export const allocateAnew: Allocate = (byteCount) => new ArrayBuffer(byteCount);

/** One allocation, cut into the arrays that one fold needs: an allocation for each of them costs more than the fold of the usual BUMP. */
export class Slab {
  private readonly buffer: ArrayBuffer;
  private used = 0;

  /** Room for `wide` numbers of four bytes, to be cut first (those of eight, which count twice, before them), and `bytes` of one. */
  constructor(wide: number, bytes: number, allocate: Allocate) {
    this.buffer = allocate(4 * wide + bytes);
  }

  cutFloat64(count: number): Float64Array {
    this.used += 8 * count;
    return new Float64Array(this.buffer, this.used - 8 * count, count);
  }

  cutUint32(count: number): Uint32Array {
    this.used += 4 * count;
    return new Uint32Array(this.buffer, this.used - 4 * count, count);
  }

  cutUint8(count: number): Uint8Array {
    this.used += count;
    return new Uint8Array(this.buffer, this.used - count, count);
  }
}
