/** Grows by parts and joins once. The counterpart of `ByteCursor`: it writes every integer in its shortest form. */
export class ByteWriter {
  private readonly parts: Uint8Array[] = [];

  writeBytes(bytes: Uint8Array): this {
    this.parts.push(bytes);
    return this;
  }

  writeUint8(value: number): this {
    return this.writeBytes(Uint8Array.of(value));
  }

  writeUint32(value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return this.writeBytes(bytes);
  }

  writeUint64(value: number): this {
    return this.writeUint32(value % 2 ** 32).writeUint32(Math.floor(value / 2 ** 32));
  }

  writeVarint(value: number): this {
    if (value < 0xfd) return this.writeUint8(value);
    if (value < 0x1_0000) return this.writeBytes(Uint8Array.of(0xfd, value & 0xff, value >> 8));
    if (value < 0x1_0000_0000) return this.writeUint8(0xfe).writeUint32(value);
    return this.writeUint8(0xff).writeUint64(value);
  }

  /** A count and that many bytes: a script. */
  writeScript(script: Uint8Array): this {
    return this.writeVarint(script.length).writeBytes(script);
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.parts.reduce((length, part) => length + part.length, 0));
    let position = 0;
    for (const part of this.parts) {
      bytes.set(part, position);
      position += part.length;
    }
    return bytes;
  }
}
