/** Writers of numbers into a buffer that was made for them. Each answers the position behind what it wrote. */

export const varintBytes = (value: number): number =>
  value < 0xfd ? 1 : value < 0x1_0000 ? 3 : value < 0x1_0000_0000 ? 5 : 9;

export const writeUint32At = (out: Uint8Array, at: number, value: number): number => {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
  return at + 4;
};

export const writeUint64At = (out: Uint8Array, at: number, value: number): number =>
  writeUint32At(out, writeUint32At(out, at, value % 0x1_0000_0000), Math.floor(value / 0x1_0000_0000));

/** In the shortest form. */
export const writeVarintAt = (out: Uint8Array, at: number, value: number): number => {
  if (value < 0xfd) {
    out[at] = value;
    return at + 1;
  }
  if (value < 0x1_0000) {
    out[at] = 0xfd;
    out[at + 1] = value;
    out[at + 2] = value >>> 8;
    return at + 3;
  }
  out[at] = value < 0x1_0000_0000 ? 0xfe : 0xff;
  return value < 0x1_0000_0000 ? writeUint32At(out, at + 1, value) : writeUint64At(out, at + 1, value);
};
