const TXID_BYTES = 32;

/**
 * The txids that were added or asked for last, up to a number of them: the one that nobody named for longest goes first. Kept as strings of 32 characters,
 * one a byte: some 110 bytes each with their place in the map.
 */
export class RecentTxids {
  readonly #txids = new Set<string>();

  constructor(private readonly txidsMax: number) {}

  get size(): number {
    return this.#txids.size;
  }

  /** `txids` holds 32 bytes a row. */
  has(txids: Buffer, row: number): boolean {
    const key = keyAt(txids, row);
    if (!this.#txids.delete(key)) return false;
    this.#txids.add(key);
    return true;
  }

  add(txids: Buffer, row: number): void {
    if (this.txidsMax === 0) return;
    const key = keyAt(txids, row);
    this.#txids.delete(key);
    this.#txids.add(key);
    if (this.#txids.size <= this.txidsMax) return;
    for (const oldest of this.#txids) {
      this.#txids.delete(oldest);
      break;
    }
  }
}

/** Node's own strings are seeded when they are hashed, so a caller who chooses txids does not choose collisions. */
const keyAt = (txids: Buffer, row: number): string =>
  txids.toString('latin1', row * TXID_BYTES, row * TXID_BYTES + TXID_BYTES);
