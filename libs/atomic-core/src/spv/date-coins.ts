import type { BeefGraph } from '../beef/beef-graph';
import { TRANSACTION_ROW, TX_BUMP, TX_FIRST_INPUT, TX_INPUTS, countTransactions, rowNumber } from '../beef/beef-tape';
import type { NetworkParams } from '../header/network-params';

/** The eras of a coin, each a bit: the height of its block decides by which rules the node lets it be spent. */
export const BEFORE_GENESIS = 1;
export const GENESIS = 2;
export const CHRONICLE = 4;

export interface CoinEras {
  /** By transaction row: every era that its outputs may be of. A spend of them has to pass the rules of each. Never 0. */
  readonly coinEras: Uint8Array;
  /** Whether the next block is one of Chronicle: what the node asks before it takes a signature with the hash type of Chronicle, however old the coin. */
  readonly isChronicleNext: boolean;
}

type Activations = Pick<NetworkParams, 'genesisHeight' | 'chronicleHeights'>;

/** For a coin that was mined between two heights, both included. */
const erasBetween = (low: number, high: number, { genesisHeight, chronicleHeights }: Activations): number =>
  (low < genesisHeight ? BEFORE_GENESIS : 0) |
  (high >= genesisHeight && low < chronicleHeights.last ? GENESIS : 0) |
  (high >= chronicleHeights.first ? CHRONICLE : 0);

/**
 * A proven transaction is as old as its block. One without a proof may be of no block yet, or of a long buried one whose proof the sender kept to himself so
 * that an older lock be read by newer rules. It is no older than any of its ancestors, and that is all that is known: every era since then may be its own.
 * No upper end, so that a verdict about it stays true when it is mined, and when the tip moves.
 */
export const dateCoins = (
  { tape, parents, needed, heights }: BeefGraph,
  { tipHeight, params }: { readonly tipHeight: number; readonly params: Activations },
): CoinEras => {
  const { transactions } = tape;
  const count = countTransactions(tape);
  const lowest = new Uint32Array(count);
  // What is not needed is spent by nobody here.
  const coinEras = new Uint8Array(count).fill(BEFORE_GENESIS | GENESIS | CHRONICLE);
  for (let transaction = 0; transaction < count; transaction++) {
    if (needed[transaction] === 0) continue;
    const row = transaction * TRANSACTION_ROW;
    const bump = rowNumber(transactions, row + TX_BUMP) - 1;
    let low = bump < 0 ? 0 : rowNumber(heights, bump);
    if (bump < 0) {
      const first = rowNumber(transactions, row + TX_FIRST_INPUT);
      const end = first + rowNumber(transactions, row + TX_INPUTS);
      for (let input = first; input < end; input++) low = Math.max(low, lowest[parents[input] as number] ?? 0);
    }
    lowest[transaction] = low;
    coinEras[transaction] = erasBetween(low, bump < 0 ? Infinity : low, params);
  }
  return { coinEras, isChronicleNext: tipHeight + 1 >= params.chronicleHeights.last };
};
