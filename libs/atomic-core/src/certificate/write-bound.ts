const LENGTH_BYTES = 4;

/** The parts with their lengths: two lists that differ never have the same octets (`ab`, `c` is not `a`, `bc`). */
export const writeBound = (parts: readonly (string | Uint8Array)[]): Buffer =>
  Buffer.concat(
    parts.flatMap((part) => {
      const octets = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(octets.length);
      return [length, octets];
    }),
  );
