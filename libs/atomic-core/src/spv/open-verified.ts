import { txidAt } from '../beef/beef-graph';
import { BUMP_ROW, TRANSACTION_ROW, TX_BUMP, countTransactions, rowNumber } from '../beef/beef-tape';
import { openTransaction } from '../beef/open-transaction';
import type { ReadBeef } from '../beef/read-beef';
import type { Transaction } from '../beef/transaction';
import { txidFromWire } from '../bytes';
import { liveCrypto } from '../crypto/open-crypto';
import type { BumpForest } from './bump-forest';
import { foldBumps } from './fold-bumps';
import type { Bump, GraphTransaction, VerifiedBeef, VerifiedTransaction } from './verified-transaction';
import { findLeafAt, writeBump } from './write-bump';

/** The BUMPs of one BEEF whose paths were asked for, folded again: what they led to besides their roots was not kept. Once each, however many paths. */
class OpenedBumps {
  private readonly forests = new Map<number, BumpForest>();
  private readonly read: ReadBeef;

  constructor(read: ReadBeef) {
    this.read = read;
  }

  writePath(bump: number, leafOffset: number): Uint8Array {
    const { bytes, bumps } = this.read.tape;
    let forest = this.forests.get(bump);
    if (forest === undefined) {
      const span = bumps.slice(bump * BUMP_ROW, (bump + 1) * BUMP_ROW);
      const folded = foldBumps({ bytes, bumps: span }, liveCrypto());
      if (!folded.ok) throw new Error(`a BUMP that was read does not read again: ${folded.rejection.detail}`);
      forest = folded.value;
      this.forests.set(bump, forest);
    }
    return writeBump(forest, 0, findLeafAt(forest, 0, leafOffset));
  }
}

const openBump = (read: ReadBeef, row: number, opened: OpenedBumps): Bump | undefined => {
  const bump = rowNumber(read.tape.transactions, row * TRANSACTION_ROW + TX_BUMP) - 1;
  if (bump < 0) return undefined;
  let bytes: Uint8Array | undefined;
  return {
    height: rowNumber(read.heights, bump),
    root: txidFromWire(read.roots.subarray(32 * bump, 32 * bump + 32)),
    get bytes() {
      return (bytes ??= opened.writePath(bump, rowNumber(read.leafOffsets, row)));
    },
  };
};

const openGraphTransaction = (read: ReadBeef, row: number, opened: OpenedBumps): GraphTransaction =>
  // Not by spread, which would make all inputs and outputs.
  Object.defineProperty(openTransaction(read.tape, row, txidAt(read, row)), 'bump', {
    value: openBump(read, row, opened),
    enumerable: true,
  }) as GraphTransaction;

/** The needed transactions as objects, parents first, the subject last. */
export const openNeeded = (read: ReadBeef): GraphTransaction[] => {
  const opened = new OpenedBumps(read);
  const transactions: GraphTransaction[] = [];
  for (let row = 0; row < countTransactions(read.tape); row++)
    if (read.needed[row] === 1) transactions.push(openGraphTransaction(read, row, opened));
  return transactions;
};

/** The subject as an object, of a BEEF that nobody has verified yet. */
export const openSubject = (read: ReadBeef): Transaction =>
  openTransaction(read.tape, read.subject, txidAt(read, read.subject));

/** What the rest of the gateway works with. Objects are made here, and their parts when somebody asks for them. */
export const openVerified = (beef: VerifiedBeef): VerifiedTransaction => {
  let opened: GraphTransaction[] | undefined;
  return {
    get subject() {
      return (opened ??= openNeeded(beef)).at(-1);
    },
    get transactions() {
      return (opened ??= openNeeded(beef));
    },
  } as unknown as VerifiedTransaction;
};
