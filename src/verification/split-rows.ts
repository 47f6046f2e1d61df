/**
 * inputs: two messages more and a copy of the graph cost 40 us, a second thread takes half of the inputs (30 us each with metal, 50 us with native). Measured
 * with two cores, best of 1,200 rounds (test/bench/sharing.ts; ops/decisions/0024): 4 inputs 0.98x, 8 inputs 1.6x, 16 inputs 1.6x, 100 inputs 1.7x. Where
 * both threads get one core it costs 4 % at 8 inputs and 2 % at 16, which is why it does not begin at 8.
 */
const SPLIT_FROM = 16;
/** inputs: a smaller part is over before its message has arrived. */
const PART_MIN = 8;
/** bytes of BEEF for each input: the copies of 1 MiB cost 260 us, so that a large BEEF of which little is unknown is not worth them. A quarter of where they cost what they save. */
const BYTES_PER_INPUT_MAX = 16_384;

/** Parts of nearly one size, each of neighbours, since the inputs of one transaction share most of what is hashed. One part where sharing does not pay. */
export function splitRows(
  rows: Uint32Array,
  { threads, sizeBytes }: { threads: number; sizeBytes: number },
): Uint32Array[] {
  const pays = rows.length >= SPLIT_FROM && sizeBytes <= rows.length * BYTES_PER_INPUT_MAX;
  const count = pays ? Math.max(1, Math.min(threads, Math.floor(rows.length / PART_MIN))) : 1;
  return Array.from({ length: count }, (_, part) =>
    rows.slice(Math.floor((part * rows.length) / count), Math.floor(((part + 1) * rows.length) / count)),
  );
}
