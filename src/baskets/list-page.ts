import { accept, limits, reject, type Result } from '#atomic-core';
import { findBasketOutput, listBasketOutputs, type BasketOutput, type Database } from '#ledger';
import { MergedBeef } from './merged-beef';
import type { Listing } from './read-listing';

export interface ListedPage {
  /** Of all that the question finds, not of this page. */
  readonly total: number;
  readonly outputs: readonly BasketOutput[];
  /** Of the transactions of these outputs, where they were asked for. */
  readonly beef?: Buffer;
  /** There is more: as many outputs as were asked for, or the bytes of the answer ended the page. */
  readonly mayGoOn: boolean;
}

/** Outputs that are loaded at once: a script may be as large as a submission. */
const LOADED_AT_ONCE = limits.LOOKUP_OUTPUTS_MAX;

/** As many of the outputs as are asked for and as one answer may hold, at least one where there is one. */
export async function listPage(
  database: Database,
  organisation: string,
  listing: Listing,
): Promise<Result<ListedPage>> {
  const start = await findStart(database, organisation, listing);
  if (!start.ok) return start;
  const { basket, tags, tagQueryMode, limit: wanted } = listing;
  const room = new Room(listing.withTransactions ? new MergedBeef(database, limits.LOOKUP_BEEF_BYTES_MAX) : undefined);
  const outputs: BasketOutput[] = [];
  let from = start.value;
  for (;;) {
    const limit = Math.min(LOADED_AT_ONCE, wanted - outputs.length);
    const some = await listBasketOutputs(database, organisation, basket, { tags, tagQueryMode, limit, ...from });
    const fitting = await room.take(some.outputs);
    if (!fitting.ok) return fitting;
    outputs.push(...some.outputs.slice(0, fitting.value));
    const isFull = fitting.value < some.outputs.length;
    if (isFull || outputs.length === wanted || some.outputs.length < limit) {
      const { beef } = room;
      const mayGoOn = isFull || outputs.length === wanted;
      return accept({ total: some.total, outputs, mayGoOn, ...(beef && { beef: beef.write() }) });
    }
    from = { ...goOn(from, some.outputs), total: some.total };
  }
}

/** What one answer holds: of scripts and texts as much as of transactions. */
class Room {
  #bytes = 0;

  constructor(readonly beef: MergedBeef | undefined) {}

  /** How many of these, from the first on, it has room for. The very first always finds some. */
  async take(outputs: readonly BasketOutput[]): Promise<Result<number>> {
    let fitting = 0;
    for (const output of outputs) {
      const isFirst = this.#bytes === 0;
      this.#bytes += measure(output);
      if (this.#bytes > limits.LOOKUP_BEEF_BYTES_MAX && !isFirst) break;
      fitting += 1;
    }
    return this.beef === undefined ? accept(fitting) : this.beef.add(outputs.slice(0, fitting).map(({ txid }) => txid));
  }
}

/** Bytes of what is told of it, at most: each is its keeper's to make long. */
function measure({ lockingScript, customInstructions = '', tags, labels }: BasketOutput): number {
  const texts = [customInstructions, ...tags, ...labels];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), lockingScript.length);
}

interface Start {
  readonly offset?: number;
  readonly after?: number;
  readonly total?: number;
}

async function findStart(
  database: Database,
  organisation: string,
  { basket, after, offset }: Listing,
): Promise<Result<Start>> {
  if (after === undefined) return accept({ offset });
  // It may have left the basket since it was the last of a page: its place is still known.
  const kept = await findBasketOutput(database, organisation, { basket, outpoint: after });
  return kept === undefined
    ? reject('query-malformed', 'after was never in this basket')
    : accept({ after: kept.place });
}

/** Newest first there is no place to go on behind: outputs may arrive at that end. */
function goOn({ offset = 0 }: Start, some: readonly BasketOutput[]): Start {
  if (offset < 0) return { offset: offset - some.length };
  return { after: (some.at(-1) as BasketOutput).place };
}
