/** bytes: below it a loop is faster than a call into the runtime. */
const COPY_BY_BYTE_MAX = 40;

export const varintBytes = (value: number): number =>
  value < 0xfd ? 1 : value < 0x1_0000 ? 3 : value < 0x1_0000_0000 ? 5 : 9;

/** Writes once, into a buffer of the length that was measured before. Every integer in its shortest form. */
export class MeasuredWriter {
  private readonly bytes: Uint8Array;
  private position = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  writeUint8(value: number): void {
    this.bytes[this.position++] = value;
  }

  writeUint32(value: number): void {
    const { bytes, position } = this;
    bytes[position] = value;
    bytes[position + 1] = value >>> 8;
    bytes[position + 2] = value >>> 16;
    bytes[position + 3] = value >>> 24;
    this.position = position + 4;
  }

  writeUint64(value: number): void {
    this.writeUint32(value % 0x1_0000_0000);
    this.writeUint32(Math.floor(value / 0x1_0000_0000));
  }

  writeVarint(value: number): void {
    if (value < 0xfd) return this.writeUint8(value);
    if (value < 0x1_0000) {
      this.writeUint8(0xfd);
      this.writeUint8(value);
      return this.writeUint8(value >>> 8);
    }
    this.writeUint8(value < 0x1_0000_0000 ? 0xfe : 0xff);
    if (value < 0x1_0000_0000) this.writeUint32(value);
    else this.writeUint64(value);
  }

  writeBytes(from: Uint8Array): void {
    if (from.length <= COPY_BY_BYTE_MAX) return this.copyByByte(from, 0, from.length);
    this.bytes.set(from, this.position);
    this.position += from.length;
  }

  /** `from[start..end)` */
  writeSlice(from: Uint8Array, start: number, end: number): void {
    if (end - start <= COPY_BY_BYTE_MAX) return this.copyByByte(from, start, end);
    this.bytes.set(from.subarray(start, end), this.position);
    this.position += end - start;
  }

  /** A length that was measured wrong would send zeros, or lose the end: our fault, and nothing is sent. */
  finish(): Uint8Array {
    if (this.position !== this.bytes.length)
      throw new Error(`${this.position} bytes were written where ${this.bytes.length} were measured`);
    return this.bytes;
  }

  private copyByByte(from: Uint8Array, start: number, end: number): void {
    const { bytes, position } = this;
    for (let at = start; at < end; at++) bytes[position + at - start] = from[at] as number;
    this.position = position + end - start;
  }
}
