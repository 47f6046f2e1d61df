/** What a BEEF begins with, as little-endian numbers: BRC-62, BRC-96, and BRC-95 in front of either. */
export const BEEF_V1 = 0xefbe0001;
export const BEEF_V2 = 0xefbe0002;
export const BEEF_ATOMIC = 0x01010101;

/** BRC-30, Extended Format: what stands between the version and the inputs, where no transaction with inputs has a zero. */
export const EF_MARKER = Uint8Array.of(0, 0, 0, 0, 0, 0xef);
