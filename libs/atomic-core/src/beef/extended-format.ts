/** BRC-30: what stands between the version and the inputs, where no transaction with inputs has a zero. */
export const EF_MARKER = Uint8Array.of(0, 0, 0, 0, 0, 0xef);
