/** inputs: below it, a copy of the graph and two messages more cost as much as a second thread saves (ops/decisions/0024). */
const SPLIT_FROM = 50;
/** inputs: a smaller part is over before its message has arrived. */
const PART_MIN = 25;

/** Parts of nearly one size, each of neighbours, since the inputs of one transaction share most of what is hashed. One part where sharing does not pay. */
export function splitRows(rows: Uint32Array, threads: number): Uint32Array[] {
  const count = rows.length < SPLIT_FROM ? 1 : Math.max(1, Math.min(threads, Math.floor(rows.length / PART_MIN)));
  return Array.from({ length: count }, (_, part) =>
    rows.slice(Math.floor((part * rows.length) / count), Math.floor(((part + 1) * rows.length) / count)),
  );
}
