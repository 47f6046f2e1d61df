/** One allocation, cut into the arrays that one fold needs: an allocation for each of them costs more than the fold of the usual BUMP. */
export class Slab {
  private readonly buffer: ArrayBuffer;
  private used = 0;

  /** Room for `wide` numbers of four bytes, to be cut first, and `bytes` of one. */
  constructor(wide: number, bytes: number) {
    this.buffer = new ArrayBuffer(4 * wide + bytes);
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
