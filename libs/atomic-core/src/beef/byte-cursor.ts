import type { RejectionCode } from '../rejection';
import { readUint32At, readUint64At } from './beef-tape';

/** Which refusal each kind of bad byte is, where these bytes stand: a BEEF, a lone transaction, a lone BUMP. */
interface CursorCodes {
  readonly truncated: RejectionCode;
  readonly notCanonical: RejectionCode;
  readonly limit: RejectionCode;
}

/** Of a lone transaction, raw or in Extended Format. */
export const TRANSACTION_CODES: CursorCodes = {
  truncated: 'transaction-malformed',
  notCanonical: 'transaction-malformed',
  limit: 'beef-limit-exceeded',
};

/** The smallest value that needs the bytes that follow 0xfd, 0xfe, 0xff. */
const SMALLEST_OF_2 = 0xfd;
const SMALLEST_OF_4 = 0x1_0000;
const SMALLEST_OF_8 = 0x1_0000_0000;

/**
 * A reader that never reads past the end. The first fault sticks: from then on every read answers zero and every count is zero, so that loops end and
 * one check of `fault` at the end of a part is enough. (The SDK's reader answers zeros too, but reports nothing: that is the ten-byte bomb B1.)
 */
export class ByteCursor {
  readonly bytes: Uint8Array;
  position: number;
  fault: { readonly code: RejectionCode; readonly detail: string } | undefined;
  /** Becomes `position` with the first fault: nothing is left to read, so the hot reads need one comparison for both. */
  private end: number;
  private readonly codes: CursorCodes;

  constructor(bytes: Uint8Array, codes: CursorCodes) {
    // A plain view, also when a Buffer came in: what is cut from it must survive structured clone unchanged.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.codes = codes;
    this.position = 0;
    this.end = bytes.length;
    this.fault = undefined;
  }

  get bytesLeft(): number {
    return this.end - this.position;
  }

  fail(code: RejectionCode, detail: string): void {
    this.fault ??= { code, detail: `${detail} (byte ${this.position})` };
    this.end = this.position;
  }

  readUint8(): number {
    const at = this.position;
    if (at >= this.end) return this.failShort();
    this.position = at + 1;
    return this.bytes[at] as number;
  }

  readUint32(): number {
    const at = this.position;
    if (at + 4 > this.end) return this.failShort();
    this.position = at + 4;
    return readUint32At(this.bytes, at);
  }

  skip(length: number): void {
    if (this.position + length > this.end) this.failShort();
    else this.position += length;
  }

  /** A variable-length integer in its shortest form only: any other form is a second encoding of the same thing. */
  readVarint(): number {
    const at = this.position;
    if (at >= this.end) return this.failShort();
    const first = this.bytes[at] as number;
    this.position = at + 1;
    return first < SMALLEST_OF_2 ? first : this.readLongVarint(first);
  }

  /** A count of things that take at least `bytesEach`: more than the rest of the bytes can hold is refused before anything is made for them. */
  readCount(bytesEach: number, most: number, what: string): number {
    const count = this.readVarint();
    if (count * bytesEach <= this.end - this.position && count <= most) return count;
    if (count * bytesEach > this.end - this.position)
      this.fail(this.codes.truncated, `more ${what} are declared than bytes are left`);
    else this.fail(this.codes.limit, `more than ${most} ${what}`);
    return 0;
  }

  /** A script: its length and that many bytes, passed over. Answers where it begins. */
  skipScript(): number {
    const length = this.readVarint();
    const start = this.position;
    if (length > this.end - start)
      this.fail(this.codes.truncated, 'more script bytes are declared than bytes are left');
    else this.position = start + length;
    return start;
  }

  private readLongVarint(first: number): number {
    const at = this.position;
    const length = first === 0xfd ? 2 : first === 0xfe ? 4 : 8;
    if (at + length > this.end) return this.failShort();
    this.position = at + length;
    const { bytes } = this;
    const value =
      length === 2
        ? (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
        : length === 4
          ? readUint32At(bytes, at)
          : readUint64At(bytes, at);
    if (value >= (length === 2 ? SMALLEST_OF_2 : length === 4 ? SMALLEST_OF_4 : SMALLEST_OF_8)) return value;
    this.fail(this.codes.notCanonical, 'a variable-length integer is not in its shortest form');
    return 0;
  }

  private failShort(): 0 {
    this.fail(this.codes.truncated, 'the bytes end early');
    return 0;
  }
}
