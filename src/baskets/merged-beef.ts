import { accept, reject, writeBeef, type GraphTransaction, type Result, type Txid } from '#atomic-core';
import { findGraphs, type Database } from '#ledger';

/** Transactions that are loaded at once with all that they rest on: each may be as large as a submission. */
const LOADED_AT_ONCE = 16;

/** One BEEF of many transactions, gathered until its bytes are as many as an answer may hold. */
export class MergedBeef {
  readonly #loaded = new Map<Txid, GraphTransaction>();
  readonly #held = new Set<Txid>();
  readonly #subjects: Txid[] = [];
  #bytes = 0;

  constructor(
    private readonly database: Database,
    private readonly bytesMax: number,
  ) {}

  /** How many of these, from the first on, are in it now. Fewer than asked: its room is used up; the first one of all always finds room. */
  async add(txids: readonly Txid[]): Promise<Result<number>> {
    let added = 0;
    for (let from = 0; from < txids.length; from += LOADED_AT_ONCE) {
      const some = txids.slice(from, from + LOADED_AT_ONCE);
      const graphs = await findGraphs(this.database, some, this.#loaded);
      for (const [txid, transaction] of graphs) this.#loaded.set(txid, transaction);
      for (const txid of some) {
        const needed = this.#listNeeded(txid);
        if (!needed.ok) return needed;
        const bytes = needed.value.reduce((sum, { raw, bump }) => sum + raw.length + (bump?.bytes.length ?? 0), 0);
        if (this.#subjects.length > 0 && this.#bytes + bytes > this.bytesMax) return accept(added);
        for (const each of needed.value) this.#held.add(each.txid);
        if (needed.value.length > 0) this.#subjects.push(txid);
        this.#bytes += bytes;
        added += 1;
      }
    }
    return accept(added);
  }

  write(): Buffer {
    const octets = writeBeef(this.#subjects, [...this.#loaded.values()]);
    return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  /** The transaction and what it rests on, as far as it is not in the BEEF yet. Iterative: depth is whoever submitted it's. */
  #listNeeded(subject: Txid): Result<readonly GraphTransaction[]> {
    const needed = new Map<Txid, GraphTransaction>();
    const waiting: Txid[] = [subject];
    for (let txid = waiting.pop(); txid !== undefined; txid = waiting.pop()) {
      if (this.#held.has(txid) || needed.has(txid)) continue;
      const transaction = this.#loaded.get(txid);
      // Between a reorg and the next proof an ancestor may stand on nothing; half a BEEF would be refused by whoever gets it.
      if (transaction === undefined) return reject('chain-unsettled', 'an ancestor waits for its new proof');
      needed.set(txid, transaction);
      if (transaction.bump === undefined) for (const { parentTxid } of transaction.inputs) waiting.push(parentTxid);
    }
    return accept([...needed.values()]);
  }
}
