import type { RejectionCode } from '../rejection';

/** Which refusal each kind of bad byte is, where these bytes stand: a BEEF, a lone transaction, a lone BUMP. */
export interface CursorCodes {
  readonly truncated: RejectionCode;
  readonly notCanonical: RejectionCode;
  readonly limit: RejectionCode;
}

/**
 * A reader that never reads past the end. The first fault sticks: from then on every read answers zero and every count is zero, so that loops end and
 * one check of `fault` at the end of a part is enough. (The SDK's reader answers zeros too, but reports nothing: that is the ten-byte bomb B1.)
 */
export class ByteCursor {
  readonly bytes: Uint8Array;
  position: number;
  fault: { readonly code: RejectionCode; readonly detail: string } | undefined;
  private readonly view: DataView;
  private readonly codes: CursorCodes;

  constructor(bytes: Uint8Array, codes: CursorCodes) {
    // A plain view, also when a Buffer came in: what is cut from it must survive structured clone unchanged.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.codes = codes;
    this.position = 0;
  }

  get bytesLeft(): number {
    return this.bytes.length - this.position;
  }

  fail(code: RejectionCode, detail: string): void {
    this.fault ??= { code, detail: `${detail} (byte ${this.position})` };
  }

  readUint8(): number {
    return this.take(1) ? this.view.getUint8(this.position - 1) : 0;
  }

  readUint32(): number {
    return this.take(4) ? this.view.getUint32(this.position - 4, true) : 0;
  }

  /** Exact up to 2^53; above that the nearest double, which is above every limit that a value is held against. */
  readUint64(): number {
    if (!this.take(8)) return 0;
    return this.view.getUint32(this.position - 4, true) * 2 ** 32 + this.view.getUint32(this.position - 8, true);
  }

  readBytes(length: number): Uint8Array {
    return this.take(length) ? this.bytes.subarray(this.position - length, this.position) : this.bytes.subarray(0, 0);
  }

  skip(length: number): void {
    this.take(length);
  }

  /** A variable-length integer in its shortest form only: any other form is a second encoding of the same thing. */
  readVarint(): number {
    const first = this.readUint8();
    if (first < 0xfd) return first;
    const [value, smallest] =
      first === 0xfd
        ? [this.take(2) ? this.view.getUint16(this.position - 2, true) : 0, 0xfd]
        : first === 0xfe
          ? [this.readUint32(), 0x1_0000]
          : [this.readUint64(), 0x1_0000_0000];
    if (this.fault) return 0;
    if (value < smallest) {
      this.fail(this.codes.notCanonical, 'a variable-length integer is not in its shortest form');
      return 0;
    }
    return value;
  }

  /** A count of things that take at least `bytesEach`: more than the rest of the bytes can hold is refused before anything is made for them. */
  readCount(bytesEach: number, most: number, what: string): number {
    const count = this.readVarint();
    if (this.fault) return 0;
    if (count * bytesEach > this.bytesLeft) {
      this.fail(this.codes.truncated, `more ${what} are declared than bytes are left`);
      return 0;
    }
    if (count > most) {
      this.fail(this.codes.limit, `more than ${most} ${what}`);
      return 0;
    }
    return count;
  }

  private take(length: number): boolean {
    if (this.fault) return false;
    if (length > this.bytesLeft) {
      this.fail(this.codes.truncated, 'the bytes end early');
      return false;
    }
    this.position += length;
    return true;
  }
}
